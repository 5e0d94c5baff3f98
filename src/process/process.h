/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PROCESS_H
#define MSEALCTL_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Seccomp modes of /proc/PID/status. */
enum seccomp_mode {
	SECCOMP_OFF = 0,
};

/* What /proc says about one thread; of a process, about its leader. */
struct process {
	pid_t tid;
	pid_t tgid;
	char comm[64];		/* at most 15 bytes for programs, 63 for kernel workers */
	pid_t parent;		/* 0 if it is in another PID namespace */
	char state;		/* R S D T t Z X I, see proc_pid_stat(5) */
	uint64_t starttime;	/* clock ticks since boot: with the tid, an identity */
	bool kernel_thread;
	bool io_worker;		/* of io_uring: never leaves the kernel */
	bool exiting;		/* may have no memory any more */
	int threads;		/* of its process, zombies included */
	int processor;		/* where it last ran */
	pid_t tracer;		/* 0 if none, or if it is in another PID namespace */
	uid_t uid;		/* real */
	int seccomp;		/* enum seccomp_mode */
	int seccomp_filters;	/* how many, since Linux 5.9 */
	pid_t inner_tid;	/* its tid in its own PID namespace; 0 if not known */
	uint64_t pending;	/* signals that are pending for it or its process: bit 0 for signal 1 */
	uint64_t caught;	/* signals that have a handler, likewise */
	uint64_t waits;		/* context switches because it had to wait */
	uint64_t switches;	/* all context switches */
};

/* Has the thread ended, and is a zombie at most? */
static inline bool process_is_dead(const struct process *thread)
{
	return thread->state == 'Z' || thread->state == 'X';
}

/*
 * Read /proc/PID/task/TID/stat alone: sets the fields above "tracer", the others are 0.
 * Returns 0, -ESRCH if there is no such thread, or the error of open(2) or read(2).
 */
int process_read_stat(pid_t pid, pid_t tid, struct process *ret);

/* The same and /proc/PID/task/TID/status: everything.  Also -EBADMSG if that is cut short. */
int process_read_thread(pid_t pid, pid_t tid, struct process *ret);

/* The system call that a thread waits in, proc_pid_syscall(5). */
struct process_call {
	long number;
	uint64_t arguments[6];
	uint64_t sp, pc;
};

/*
 * FD is its file "syscall", of process_open().  Returns 0; -EAGAIN if the thread runs, be it
 * inside of a call or not; -ENODATA if it waits outside of any; or as process_read_stat().
 */
int process_read_call(int fd, struct process_call *ret);

/* The same of thread TID of process PID; -ETIMEDOUT as process_read_file(). */
int process_find_call(pid_t pid, pid_t tid, struct process_call *ret);

/* How a thread has run on processors so far; all 0 without CONFIG_SCHED_INFO. */
struct process_runs {
	uint64_t time;		/* ns; that of a thread that runs may be some ms old */
	uint64_t delay;		/* ns for which it was ready, and others had the processors */
	uint64_t count;		/* how often a processor has begun to run it */
};

/* FD is its file "schedstat", of process_open().  Returns as process_read_stat(). */
int process_read_runs(int fd, struct process_runs *ret);

/* Is descriptor FD of PID in O_NONBLOCK mode?  Also if that cannot be read. */
bool process_is_nonblocking(pid_t pid, int fd);

/* As process_read_thread() for the leader of PID; also -ESRCH if PID leads no process. */
int process_read(pid_t pid, struct process *ret);

/* Does /proc leave out processes that exist: is not even the first one there? */
bool process_proc_hides(void);

/* If PID is a thread that leads no process, its process; else 0. */
pid_t process_of_thread(pid_t pid);

/* Does PID trace this process, or trace its tracer, and so on?  It must not be stopped then. */
bool process_traces_us(pid_t pid);

/*
 * Call FN for each process listed in /proc, or for each thread in /proc/PID/task, until it
 * returns non-zero, which is then returned.  Otherwise 0, or -errno.
 */
int process_each(int (*fn)(void *context, pid_t pid), void *context);
int process_each_thread(pid_t pid, int (*fn)(void *context, pid_t tid), void *context);

/*
 * Read PID as process_read() does, and find a thread of it through which the memory can
 * be read: the leader, or a living thread while the leader is a zombie, which has no mm.
 * Returns its tid, or -errno; -ESRCH if no thread is left; -ESTALE if the leader is a zombie
 * and other threads live, but each ends before it can be looked at.
 */
pid_t process_find_reader(pid_t pid, struct process *ret);

/* The same; has it a thread that is not exiting? */
bool process_lives(pid_t pid, struct process *ret);

/*
 * Why the numbers in /proc do not name processes for our system calls: it is not mounted,
 * or that of another PID namespace.  NULL if they do.
 */
const char *process_proc_problem(void);

/* Is our own memory limited (setrlimit(2): RLIMIT_AS, RLIMIT_DATA), or is that not known? */
bool process_memory_limited(void);

#endif
