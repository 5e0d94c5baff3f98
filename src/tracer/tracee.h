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
#include "transfer.h"

/* TRACESYSGOOD marks the stops of system calls; TRACEEXEC: see stop.c. */
#define TRACEE_OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC)

/* WSTOPSIG() at syscall-entry and syscall-exit stops, with PTRACE_O_TRACESYSGOOD. */
#define TRACEE_SYSCALL_STOP (SIGTRAP | 0x80)

enum thread_state {
	THREAD_UNSEIZED,	/* found, and perhaps left so: see transfer.h */
	THREAD_RUNNING,		/* seized and interrupted, no stop seen yet */
	THREAD_IN_VFORK,	/* the same, but it runs nothing until then, or is exiting */
	THREAD_STOPPED,
	THREAD_GONE,		/* exited, or a zombie that could not be seized */
};

struct tracee_thread {
	pid_t pid;		/* its process: the target or a sharer */
	pid_t tid;		/* -1: this entry is no longer used */
	uint64_t starttime;	/* with the tid, the identity of a zombie; else 0 */
	enum thread_state state;
	unsigned seen;		/* in which pass it was last looked at, see stop.c */
	int signal;		/* with which it has stopped, and is to be let go; or 0 */
	bool was_eintr;		/* the stop has ended its call with EINTR; it makes it again */
	struct transfer transfer;
};

/* A process whose threads are stopped, or are being stopped, by this one. */
struct tracee {
	pid_t pid;
	int pidfd;		/* still means this process if its pid is used again */
	struct tracee_thread *threads;
	size_t count, capacity;
	uint32_t *by_tid;	/* hash table of 2 * capacity: 1 + index of a thread, or 0 */
	size_t running;		/* threads in THREAD_RUNNING */
	size_t in_vfork;	/* threads in THREAD_IN_VFORK */
	size_t stopped;		/* threads in THREAD_STOPPED */
	unsigned pass;		/* number of the present pass over the threads */
	size_t found;		/* new threads in it */
	size_t busy;		/* in it: threads that run, perhaps in a transfer */
	size_t moving;		/* in it: threads in a transfer that went on since the last pass */
	size_t blocked;		/* in it: threads in a transfer that did not */
	bool executed;		/* it has executed a program while it was being stopped */
	struct thread_call transferring;	/* one of those that a stop would disturb */
	struct thread_call cut_short;	/* one whose transfer a stop has ended early */
	struct sharers sharers;	/* processes with the same memory, stopped with it */
	int options;		/* PTRACE_O_*, of every thread */
	bool own_filter;	/* its seccomp filter, if any, is msealctl's own */
	uint64_t patience;	/* until when to wait for transfers to end */
	uint64_t patience_busy;	/* until when to wait for running threads to wait for something */
	uint64_t deadline;	/* of all waiting, see clock.h */
	uint64_t stop_began;	/* before the first PTRACE_INTERRUPT */
	uint64_t stop_ended;	/* once it is released */
};

/*
 * Stop every thread of PROCESS, whose leader's tid and starttime are set, and those of the
 * processes that share its memory, as far as they may be traced.
 *
 * Waits until DEADLINE (clock.h), and until PATIENCE for threads that run to wait for
 * something, see transfer.h.  Signals must be held (signals.h).  On failure nothing
 * stays stopped: -ESRCH if the process has exited or its pid is another's by now, -EPERM
 * if it may not be traced, -EDEADLK if it traces msealctl, -EBUSY if it is frozen, -ESTALE
 * if it has executed another program, -EDQUOT as seize_begin() (seize.h), -ETIMEDOUT, -EINTR
 * if a signal asked msealctl to end, or -EINPROGRESS if threads were in transfers all the
 * time, and RET->transferring is one of them.  RET->cut_short is set even then.
 *
 * Threads that stay blocked in a transfer are not stopped: see tracee_ran().
 */
int tracee_stop(struct tracee *ret, const struct process *process, uint64_t deadline,
		uint64_t patience);

/*
 * Make a tracee of process PID, which was seized with OPTIONS while its leader was its only
 * thread.  It counts as stopped.  Returns 0 or -errno.
 */
int tracee_adopt(struct tracee *ret, pid_t pid, int options);

/*
 * Stop the other threads of an adopted process whose leader is stopped, until the
 * tracee's deadline.  Returns as tracee_stop(), but what is stopped stays so.
 */
int tracee_gather(struct tracee *tracee);

/* Detach from THREAD, which is stopped. */
void tracee_detach(const struct tracee_thread *thread);

/* Detach from every stopped thread, and free what TRACEE holds. */
void tracee_release(struct tracee *tracee);

/*
 * Resume the stopped THREAD with a ptrace(2) request (PTRACE_CONT, PTRACE_SYSCALL) and SIG,
 * and wait for its next stop, whose wait status goes to *RET_STATUS.
 *
 * Returns 0; -ESRCH if the thread has exited; or -ETIMEDOUT if the deadline has passed.
 * It was interrupted then and is stopped as well, as it may have registers of msealctl's;
 * if it cannot be stopped, it stays THREAD_RUNNING.
 */
int tracee_resume(struct tracee *tracee, struct tracee_thread *thread, int request, int sig,
		  int *ret_status);

/*
 * A thread that was left unstopped, blocked in a transfer, and has run since tracee_stop()
 * or tracee_gather(); NULL if none has.
 */
const struct tracee_thread *tracee_ran(struct tracee *tracee);

/* A stopped thread of TRACEE, or NULL. */
const struct tracee_thread *tracee_any_stopped(const struct tracee *tracee);

#endif
