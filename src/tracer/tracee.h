/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TRACEE_H
#define MSEALCTL_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#include "sharers.h"

/* TRACESYSGOOD: stops of system calls are told from SIGTRAP; TRACEEXEC: see stop.c. */
#define TRACEE_OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC)

/* What WSTOPSIG() is at the entry and exit stops of a system call, PTRACE_O_TRACESYSGOOD. */
#define TRACEE_SYSCALL_STOP (SIGTRAP | 0x80)

enum thread_state {
	THREAD_RUNNING,		/* seized and interrupted, no stop seen yet */
	THREAD_HELD,		/* the same, in a vfork(2): it runs nothing before its stop */
	THREAD_STOPPED,
	THREAD_GONE,		/* exited, or was a zombie when we came */
};

struct tracee_thread {
	pid_t pid;		/* its process: the target, or one that shares its memory */
	pid_t tid;		/* -1 once it is none of ours any more */
	uint64_t starttime;	/* tids are used again */
	enum thread_state state;
	bool io_worker;		/* see process.h */
};

/* A process all of whose threads are, or are being, stopped by us. */
struct tracee {
	pid_t pid;
	int pidfd;		/* holds on to this process, whoever gets its number next */
	struct tracee_thread *threads;
	size_t count, capacity;
	uint32_t *by_tid;	/* hash table of 2 * capacity: 1 + index of a thread, or 0 */
	size_t running;		/* threads in THREAD_RUNNING */
	size_t held;		/* threads in THREAD_HELD */
	size_t stopped;		/* threads in THREAD_STOPPED */
	size_t fresh;		/* threads that the present pass over task/ found */
	struct sharers sharers;	/* processes that use its memory, and are stopped with it */
	int options;		/* PTRACE_O_*, of every thread */
	bool own_filter;	/* if it has a seccomp filter, it is ours, which was asked before */
	uint64_t deadline;	/* of all waiting; CLOCK_MONOTONIC, ns */
	uint64_t stop_began;	/* CLOCK_MONOTONIC, ns: before the first interrupt */
};

/*
 * Stop every thread of process PID whose leader started at STARTTIME, and those of
 * other processes that share its memory, where we may.
 *
 * Until DEADLINE (CLOCK_MONOTONIC, ns).  Signals must be held (signals.h).
 * On failure the process has been let go: -ESRCH if it is gone or another one by
 * now, -EPERM if it may not be traced, -ETIMEDOUT, -EINTR if a signal told us to
 * end.
 */
int tracee_stop(struct tracee *ret, pid_t pid, uint64_t starttime, uint64_t deadline);

/*
 * Make a tracee of process PID, whose leader is ours already: it was seized, with
 * OPTIONS, when it had no other thread.  Its state is that of a stopped one.  Returns 0
 * or -errno.
 */
int tracee_adopt(struct tracee *ret, pid_t pid, int options);

/*
 * Stop the other threads of an adopted process whose leader is stopped, until the
 * tracee's deadline.  Returns as tracee_stop(), but lets go of none.
 */
int tracee_gather(struct tracee *tracee);

/* Let every thread go on as if nothing had happened, and free what TRACEE holds. */
void tracee_release(struct tracee *tracee);

/*
 * Resume the stopped THREAD with a ptrace request (PTRACE_CONT, PTRACE_SYSCALL)
 * and SIG, and wait for its next stop, whose wait status goes to *RET_STATUS.
 *
 * Returns 0; -ESRCH if the thread has died; or, also at a stop, -ETIMEDOUT: the
 * deadline has passed, and the thread was interrupted, since one that was resumed
 * with our registers must not be left alone.
 */
int tracee_resume(struct tracee *tracee, struct tracee_thread *thread, int request, int sig,
		  int *ret_status);

/* Any thread of TRACEE that has been stopped, or NULL. */
const struct tracee_thread *tracee_any_stopped(const struct tracee *tracee);

/*
 * For stop.c: the thread's entry, or a new one (THREAD_GONE) with no more than
 * its ids, or NULL if there is no memory.
 */
struct tracee_thread *tracee_find(const struct tracee *tracee, pid_t tid);
struct tracee_thread *tracee_add(struct tracee *tracee, pid_t pid, pid_t tid);

void tracee_set_state(struct tracee *tracee, struct tracee_thread *thread,
		      enum thread_state state);

/*
 * The next change of state of any tracee of ours, waiting for it until DEADLINE.
 * A stop at which a signal is to be passed on lasts until it has been.
 *
 * Returns 0; -ESRCH if we have no tracee; or as signals_wait_child().
 */
int tracee_next_status(pid_t *ret_tid, int *ret_status, uint64_t deadline);

#endif
