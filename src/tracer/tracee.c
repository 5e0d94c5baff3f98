/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The threads of a process that we trace: which there are, what state they are in,
 * and letting them go.  How they are stopped is in stop.c.
 */
#include "tracee.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "signals.h"

/* Where TID is, or is to be put, in the hash table of thousands of threads. */
static uint32_t *place_of(const struct tracee *t, pid_t tid)
{
	/* the capacity is a power of two; tids in a row are spread by an odd number */
	size_t mask = 2 * t->capacity - 1, i = (size_t)tid * 0x9e3779b1u & mask;

	while (t->by_tid[i] && t->threads[t->by_tid[i] - 1].tid != tid)
		i = (i + 1) & mask;
	return &t->by_tid[i];
}

struct tracee_thread *tracee_find(const struct tracee *t, pid_t tid)
{
	uint32_t index = t->capacity > 0 ? *place_of(t, tid) : 0;

	return index > 0 ? &t->threads[index - 1] : NULL;
}

static int grow(struct tracee *t)
{
	size_t capacity = t->capacity > 0 ? 2 * t->capacity : 16;
	struct tracee_thread *threads = reallocarray(t->threads, capacity, sizeof(*threads));
	uint32_t *by_tid;

	if (!threads)
		return -ENOMEM;
	t->threads = threads;
	by_tid = calloc(2 * capacity, sizeof(*by_tid));
	if (!by_tid)
		return -ENOMEM;
	free(t->by_tid);
	t->by_tid = by_tid;
	t->capacity = capacity;
	for (size_t i = 0; i < t->count; i++)
		*place_of(t, t->threads[i].tid) = (uint32_t)i + 1;
	return 0;
}

struct tracee_thread *tracee_add(struct tracee *t, pid_t pid, pid_t tid)
{
	struct tracee_thread *thread = tracee_find(t, tid);

	if (thread)
		return thread;
	if (t->count == t->capacity && grow(t) < 0)
		return NULL;
	*place_of(t, tid) = (uint32_t)t->count + 1;
	thread = &t->threads[t->count++];
	*thread = (struct tracee_thread){ .pid = pid, .tid = tid, .state = THREAD_GONE };
	return thread;
}

void tracee_set_state(struct tracee *t, struct tracee_thread *thread, enum thread_state state)
{
	t->running -= thread->state == THREAD_RUNNING;
	t->held -= thread->state == THREAD_HELD;
	t->stopped -= thread->state == THREAD_STOPPED;
	t->running += state == THREAD_RUNNING;
	t->held += state == THREAD_HELD;
	t->stopped += state == THREAD_STOPPED;
	thread->state = state;
}

const struct tracee_thread *tracee_any_stopped(const struct tracee *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->threads[i].state == THREAD_STOPPED)
			return &t->threads[i];
	return NULL;
}

/*
 * How often to look for the stop of a thread that was resumed before sleeping until it
 * comes.  Where another processor is idle, the thread runs there, and to wake up from
 * sleep takes longer than its call; with one for both it costs some microseconds.  No
 * sched_yield(2): on a busy machine that would give the time to anybody.
 */
#define TURNS_MAX 60

/* As waitpid(2) gives it, of what waitid(2) says. */
static int status_of(const siginfo_t *info)
{
	switch (info->si_code) {
	case CLD_TRAPPED:
		return info->si_status << 8 | 0x7f;
	case CLD_EXITED:
		return (info->si_status & 0xff) << 8;
	default:
		return info->si_status & 0x7f;
	}
}

/* Is a signal about to be delivered, which PTRACE_CONT is to pass on? */
static bool is_signal_stop(int status)
{
	return WIFSTOPPED(status) && status >> 16 == 0 &&
	       WSTOPSIG(status) != TRACEE_SYSCALL_STOP;
}

/* The state of a tracee, of any or of one, which it keeps; 0 if there is no change. */
static pid_t peek(idtype_t which, pid_t tid, int *ret_status, int options)
{
	siginfo_t info = { .si_pid = 0 };

	/* stops of tracees come without being asked for; those of children are not wanted */
	if (waitid(which, (id_t)tid, &info, WEXITED | WNOWAIT | __WALL | options) != 0)
		return -1;
	if (info.si_pid != 0)
		*ret_status = status_of(&info);
	return info.si_pid;
}

/*
 * The same of any, once.  But a stop that waits for a signal to be passed on stays:
 * once it has been waited for, the signal would be lost if we died before that.
 */
static pid_t take(int *ret_status)
{
	pid_t tid = peek(P_ALL, 0, ret_status, WNOHANG);

	if (tid <= 0 || is_signal_stop(*ret_status))
		return tid;
	/* by an exec of another thread it may be gone without a word */
	return waitpid(tid, ret_status, __WALL) == tid ? tid : 0;
}

int tracee_next_status(pid_t *ret_tid, int *ret_status, uint64_t deadline)
{
	for (;;) {
		pid_t tid = take(ret_status);
		int r;

		if (tid > 0) {
			*ret_tid = tid;
			return 0;
		}
		if (tid < 0)
			return errno == ECHILD ? -ESRCH : -errno;
		r = signals_wait_child(deadline, false);
		if (r < 0)
			return r;
	}
}

void tracee_release(struct tracee *t)
{
	/*
	 * A thread that never stopped (the parent of a vfork, say) cannot be
	 * detached; it is let go when it does stop, or when we exit.
	 */
	for (size_t i = 0; i < t->count; i++)
		if (t->threads[i].state == THREAD_STOPPED)
			ptrace(PTRACE_DETACH, t->threads[i].tid, NULL, NULL);
	if (t->pidfd >= 0)
		close(t->pidfd);
	free(t->threads);
	free(t->by_tid);
	sharers_free(&t->sharers);
	*t = (struct tracee){ .pidfd = -1 };
}

/* What was seen of THREAD, after it was resumed. */
static int settle(struct tracee *t, struct tracee_thread *thread, int status)
{
	tracee_set_state(t, thread, WIFSTOPPED(status) ? THREAD_STOPPED : THREAD_GONE);
	return WIFSTOPPED(status) ? 0 : -ESRCH;
}

/* Stop THREAD, which has not come to the stop that it was resumed for: it was frozen, say. */
static int interrupt(struct tracee *t, struct tracee_thread *thread, int *ret_status)
{
	pid_t got;

	ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL);
	do {
		got = peek(P_PID, thread->tid, ret_status, 0);
	} while (got < 0 && errno == EINTR);
	if (got == thread->tid && settle(t, thread, *ret_status) == 0)
		return -ETIMEDOUT;
	tracee_set_state(t, thread, THREAD_GONE);
	return -ESRCH;
}

int tracee_resume(struct tracee *t, struct tracee_thread *thread, int request, int sig,
		  int *ret_status)
{
	if (ptrace(request, thread->tid, NULL, (long)sig) != 0)
		return -ESRCH;
	tracee_set_state(t, thread, THREAD_RUNNING);
	for (unsigned turns = 0; ; turns++) {
		/* it takes microseconds: whoever tells us to end can wait */
		int r = turns < TURNS_MAX ? 0 : signals_wait_child(t->deadline, true);
		pid_t got = peek(P_PID, thread->tid, ret_status, WNOHANG);

		if (got == thread->tid)
			return settle(t, thread, *ret_status);
		if (got < 0) {
			tracee_set_state(t, thread, THREAD_GONE);
			return -ESRCH;
		}
		if (r == -ETIMEDOUT)
			return interrupt(t, thread, ret_status);
	}
}
