/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TRACEE_H
#define MSEALCTL_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum thread_state {
	THREAD_RUNNING,		/* seized and interrupted, no stop seen yet */
	THREAD_STOPPED,
	THREAD_GONE,		/* exited, or was a zombie when we came */
};

struct tracee_thread {
	pid_t tid;
	uint64_t starttime;	/* tids are used again */
	enum thread_state state;
};

/* A process all of whose threads are, or are being, stopped by us. */
struct tracee {
	pid_t pid;
	int pidfd;		/* holds on to this process, whoever gets its number next */
	struct tracee_thread *threads;
	size_t count, capacity;
	size_t running;		/* threads in THREAD_RUNNING */
	size_t fresh;		/* threads that the present pass over task/ found */
	bool own_filter;	/* if it has a seccomp filter, it is ours, which was asked before */
	uint64_t stop_began;	/* CLOCK_MONOTONIC, ns: before the first interrupt */
};

/*
 * Stop every thread of process PID whose leader started at STARTTIME.
 *
 * Until DEADLINE (CLOCK_MONOTONIC, ns).  Signals must be held (hold-signals.h).
 * On failure the process has been let go: -ESRCH if it is gone or another one by
 * now, -EPERM if it may not be traced, -ETIMEDOUT, -EINTR if a signal told us to
 * end.
 */
int tracee_stop(struct tracee *ret, pid_t pid, uint64_t starttime, uint64_t deadline);

/*
 * Make a tracee of process PID, whose leader is ours already and is stopped: it was
 * seized when it had no other thread.  Returns 0 or -errno.
 */
int tracee_adopt(struct tracee *ret, pid_t pid);

/* Stop the other threads of an adopted process; returns as tracee_stop(), lets go of none. */
int tracee_gather(struct tracee *tracee, uint64_t deadline);

/* Let every thread go on as if nothing had happened, and free what TRACEE holds. */
void tracee_release(struct tracee *tracee);

/*
 * Resume the stopped THREAD with a ptrace request (PTRACE_CONT, PTRACE_SYSCALL)
 * and SIG, and wait for its next stop, whose wait status goes to *RET_STATUS.
 * Returns 0, or -ESRCH if the thread has died.  No deadline: a thread that was
 * resumed with our registers must not be left alone.
 */
int tracee_resume(struct tracee *tracee, struct tracee_thread *thread, int request, int sig,
		  int *ret_status);

#endif
