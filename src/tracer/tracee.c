/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The threads of a traced process: the list of them and their states, resuming one, and
 * detaching from all.  How they are stopped is in stop.c.
 */
#include "tracee-internal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "no-tracer.h"
#include "process.h"
#include "signals.h"
#include "syscall-restart.h"
#include "worker.h"

const char *no_tracer(void)
{
	return NULL;
}

/* The slot of the hash table that TID is in, or belongs into. */
static uint32_t *slot_of(const struct tracee *t, pid_t tid)
{
	/* the golden ratio spreads tids, which often follow each other */
	size_t mask = 2 * t->capacity - 1, i = (size_t)tid * 0x9e3779b1u & mask;

	while (t->by_tid[i] && t->threads[t->by_tid[i] - 1].tid != tid)
		i = (i + 1) & mask;
	return &t->by_tid[i];
}

struct tracee_thread *tracee_find(const struct tracee *t, pid_t tid)
{
	uint32_t index = t->capacity > 0 ? *slot_of(t, tid) : 0;

	return index > 0 ? &t->threads[index - 1] : NULL;
}

static int grow_threads(struct tracee *t)
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
		*slot_of(t, t->threads[i].tid) = (uint32_t)i + 1;
	return 0;
}

struct tracee_thread *tracee_add(struct tracee *t, pid_t pid, pid_t tid)
{
	struct tracee_thread *thread = tracee_find(t, tid);

	if (thread)
		return thread;
	if (t->count == t->capacity && grow_threads(t) < 0)
		return NULL;
	*slot_of(t, tid) = (uint32_t)t->count + 1;
	thread = &t->threads[t->count++];
	*thread = (struct tracee_thread){
		.pid = pid, .tid = tid, .state = THREAD_GONE, .transfer = TRANSFER_INIT,
	};
	return thread;
}

void tracee_set_state(struct tracee *t, struct tracee_thread *thread, enum thread_state state)
{
	t->running -= thread->state == THREAD_RUNNING;
	t->in_vfork -= thread->state == THREAD_IN_VFORK;
	t->stopped -= thread->state == THREAD_STOPPED;
	t->running += state == THREAD_RUNNING;
	t->in_vfork += state == THREAD_IN_VFORK;
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

const struct tracee_thread *tracee_ran(struct tracee *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tracee_thread *thread = &t->threads[i];

		/* without a name it was only seen running; it has exited since */
		if (thread->state != THREAD_UNSEIZED || !thread->transfer.name)
			continue;
		transfer_look(&thread->transfer, thread->pid, thread->tid);
		if (thread->transfer.moved)
			return thread;
	}
	return NULL;
}

/*
 * How often to poll for the stop of a resumed thread before sleeping until it comes: for
 * about as long as its call takes on another processor, since waking up takes longer than
 * that.  If both share a processor, it costs some microseconds.  sched_yield(2) would
 * give the processor to any process of a busy machine.
 */
#define POLLS_MAX 60

/* How long a resumed thread may still take once a signal asks msealctl to end. */
#define ENDING_WAIT (NS_PER_S / 2)

/* The status of waitpid(2), made from what waitid(2) returns. */
static int wait_status(const siginfo_t *info)
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

/* Is this a signal-delivery stop, whose signal PTRACE_CONT has to inject? */
static bool is_signal_stop(int status)
{
	return WIFSTOPPED(status) && status >> 16 == 0 &&
	       WSTOPSIG(status) != TRACEE_SYSCALL_STOP;
}

/* The next status of tracee TID, or of any, left for the next wait; 0 if there is none. */
static pid_t peek_status(idtype_t which, pid_t tid, int *ret_status, int options)
{
	siginfo_t info = { .si_pid = 0 };

	/* without WSTOPPED: tracees report their stops anyway */
	if (waitid(which, (id_t)tid, &info, WEXITED | WNOWAIT | __WALL | options) != 0)
		return -1;
	if (info.si_pid != 0)
		*ret_status = wait_status(&info);
	return info.si_pid;
}

/*
 * The next status of tracee WANTED, or of any, consumed.  A signal-delivery stop is left:
 * the signal would be lost if this process died between consuming the stop and injecting it.
 */
static pid_t next_status(pid_t wanted, int *ret_status)
{
	pid_t tid = wanted ? peek_status(P_PID, wanted, ret_status, WNOHANG) : -1;

	/* an exec by another thread may have removed it */
	if (tid < 0)
		tid = peek_status(P_ALL, 0, ret_status, WNOHANG);
	if (tid <= 0 || is_signal_stop(*ret_status))
		return tid;
	/* a thread that executes a program may have taken its place, and have no status yet */
	return waitpid(tid, ret_status, __WALL | WNOHANG) == tid ? tid : 0;
}

int tracee_next_status(pid_t wanted, pid_t *ret_tid, int *ret_status, uint64_t deadline)
{
	for (;;) {
		pid_t tid = next_status(wanted, ret_status);
		int r;

		if (tid > 0) {
			*ret_tid = tid;
			return 0;
		}
		if (tid < 0)
			return errno == ECHILD ? -ESRCH : -errno;
		r = signals_wait_child(deadline, true);
		if (r < 0)
			return r;
	}
}

void tracee_let_go_left(void)
{
	int status;
	pid_t tid;

	while ((tid = next_status(0, &status)) > 0)
		if (WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, tid, NULL,
			       (long)(is_signal_stop(status) ? WSTOPSIG(status) : 0));
}

void tracee_reap(struct tracee *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tracee_thread *thread = &t->threads[i];
		int status;
		pid_t got;

		if (thread->state == THREAD_GONE || thread->state == THREAD_UNSEIZED)
			continue;
		got = peek_status(P_PID, thread->tid, &status, WNOHANG);
		if (got == 0 || (got > 0 && WIFSTOPPED(status)))
			continue;
		/* an untraced thread that executes a program has the leader's tid, not its tracer */
		if (got < 0)
			thread->starttime = 0;
		else
			waitpid(thread->tid, &status, __WALL | WNOHANG);
		tracee_set_state(t, thread, THREAD_GONE);
	}
}

static int reap_left(void *context, pid_t tid)
{
	const struct tracee_thread *thread = tracee_find(context, tid);
	int status;

	if ((!thread || thread->state == THREAD_GONE || thread->state == THREAD_UNSEIZED) &&
	    peek_status(P_PID, tid, &status, WNOHANG) > 0 && !WIFSTOPPED(status))
		waitpid(tid, &status, __WALL | WNOHANG);
	return 0;
}

void tracee_reap_left(struct tracee *t)
{
	process_each_thread(t->pid, reap_left, t);
}

int tracee_adopt(struct tracee *ret, pid_t pid, int options)
{
	struct tracee t = {
		.pid = pid, .options = options, .deadline = UINT64_MAX, .stop_began = clock_now(),
	};
	struct tracee_thread *leader;
	struct process p;
	int r = process_read_stat(pid, pid, &p);

	if (r < 0)
		return r;
	t.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (t.pidfd < 0)
		return -errno;
	leader = tracee_add(&t, pid, pid);
	if (!leader) {
		tracee_release(&t);
		return -ENOMEM;
	}
	leader->starttime = p.starttime;
	tracee_set_state(&t, leader, THREAD_STOPPED);
	*ret = t;
	return 0;
}

void tracee_detach(const struct tracee_thread *thread)
{
	if (thread->was_eintr)
		syscall_restart_end_if_handled(thread->pid, thread->tid);
	ptrace(PTRACE_DETACH, thread->tid, NULL, (long)thread->signal);
}

void tracee_release(struct tracee *t)
{
	static bool left;
	uint64_t ended;

	for (size_t i = 0; i < t->count; i++)
		if (t->threads[i].state == THREAD_STOPPED)
			tracee_detach(&t->threads[i]);
	ended = clock_now();
	/*
	 * A thread that has not stopped, such as the parent of a vfork(2), cannot be
	 * detached from before it does.  If msealctl exits, the kernel sees to it.
	 */
	left = left || t->running + t->in_vfork > 0;
	if (left)
		worker_set_idle(tracee_let_go_left);
	for (size_t i = 0; i < t->count; i++)
		transfer_end(&t->threads[i].transfer);
	if (t->pidfd >= 0)
		close(t->pidfd);
	free(t->threads);
	free(t->by_tid);
	sharers_free(&t->sharers);
	*t = (struct tracee){
		.pidfd = -1, .transferring = t->transferring, .cut_short = t->cut_short,
		.stop_began = t->stop_began, .stop_ended = ended,
	};
}

/* Record the STATUS of the resumed THREAD. */
static int record_status(struct tracee *t, struct tracee_thread *thread, int status)
{
	tracee_set_state(t, thread, WIFSTOPPED(status) ? THREAD_STOPPED : THREAD_GONE);
	return WIFSTOPPED(status) ? 0 : -ESRCH;
}

/*
 * THREAD has not reached its next stop in time, since it was frozen, for example: stop it.
 * That fails in a page fault which a FUSE server does not answer.
 */
static int interrupt_resumed(struct tracee *t, struct tracee_thread *thread, int *ret_status)
{
	uint64_t end = clock_now() + ENDING_WAIT;
	pid_t got = 0;

	ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL);
	for (int r = 0; got == 0 && r != -ETIMEDOUT; ) {
		r = signals_wait_child(end, false);
		got = peek_status(P_PID, thread->tid, ret_status, WNOHANG);
	}
	if (got == 0 || (got == thread->tid && record_status(t, thread, *ret_status) == 0))
		return -ETIMEDOUT;
	tracee_set_state(t, thread, THREAD_GONE);
	return -ESRCH;
}

int tracee_resume(struct tracee *t, struct tracee_thread *thread, int request, int sig,
		  int *ret_status)
{
	bool ending = false;

	if (ptrace(request, thread->tid, NULL, (long)sig) != 0)
		return -errno;
	thread->signal = 0;
	tracee_set_state(t, thread, THREAD_RUNNING);
	for (unsigned polls = 0; ; polls++) {
		int r = polls < POLLS_MAX ? 0 : signals_wait_child(t->deadline, !ending);
		pid_t got = peek_status(P_PID, thread->tid, ret_status, WNOHANG);

		if (got == thread->tid)
			return record_status(t, thread, *ret_status);
		if (got < 0) {
			r = errno == ECHILD ? -ESRCH : -errno;
			tracee_set_state(t, thread, THREAD_GONE);
			return r;
		}
		/* it takes microseconds, unless something keeps the thread from running */
		if (r == -EINTR && (ending = true))
			t->deadline = clock_now() + ENDING_WAIT;
		if (r == -ETIMEDOUT)
			return interrupt_resumed(t, thread, ret_status);
	}
}
