/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Stopping a whole process, and letting it go.
 *
 * PTRACE_SEIZE leaves a thread running; PTRACE_INTERRUPT then stops it without a
 * signal, so nothing that the program could notice is sent.  Threads may come
 * and go meanwhile: task/ is read until two passes in a row, with every known
 * thread stopped, show none that is new.  A signal that happens to be delivered
 * first is passed on; an exec by some thread ends all the others and starts the
 * count again.  If we die, the kernel detaches us and the threads run on.
 */
#include "tracee.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hold-signals.h"
#include "process.h"
#include "remote-regs.h"

/* TRACESYSGOOD: stops of system calls are told from SIGTRAP; TRACEEXEC: see above. */
#define TRACE_OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC)

#define PASSES_WANTED 2

static struct tracee_thread *find_thread(struct tracee *t, pid_t tid)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->threads[i].tid == tid)
			return &t->threads[i];
	return NULL;
}

static void set_state(struct tracee *t, struct tracee_thread *thread, enum thread_state state)
{
	t->running -= thread->state == THREAD_RUNNING;
	t->running += state == THREAD_RUNNING;
	thread->state = state;
}

static struct tracee_thread *add_thread(struct tracee *t, pid_t tid)
{
	struct tracee_thread *thread = find_thread(t, tid);

	if (thread)
		return thread;
	if (t->count == t->capacity) {
		size_t capacity = t->capacity > 0 ? 2 * t->capacity : 16;
		struct tracee_thread *grown = reallocarray(t->threads, capacity,
							   sizeof(*grown));
		if (!grown)
			return NULL;
		t->threads = grown;
		t->capacity = capacity;
	}
	thread = &t->threads[t->count++];
	*thread = (struct tracee_thread){ .tid = tid, .state = THREAD_GONE };
	return thread;
}

static bool is_dead(char state)
{
	return state == 'Z' || state == 'X';
}

/*
 * Seize and interrupt thread TID, unless it is known.  What is gone stays known
 * with its start time, so that a zombie does not count as new in every pass.
 */
static int take_thread(void *context, pid_t tid)
{
	struct tracee *t = context;
	struct tracee_thread *thread = find_thread(t, tid);
	struct process p;

	if (thread && thread->state != THREAD_GONE)
		return 0;
	if (process_read_stat(t->pid, tid, &p) < 0)
		return 0;
	if (thread && thread->starttime == p.starttime)
		return 0;
	thread = add_thread(t, tid);
	if (!thread)
		return -ENOMEM;
	t->fresh++;
	thread->starttime = p.starttime;
	if (is_dead(p.state))
		return 0;
	if (ptrace(PTRACE_SEIZE, tid, NULL, TRACE_OPTIONS) != 0) {
		int error = errno;

		/* the kernel says EPERM of a thread that is exiting, too */
		if (process_read_stat(t->pid, tid, &p) < 0 || is_dead(p.state))
			return 0;
		return -error;
	}
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	/* the tid may have gone to another process just before: let that one be */
	if (process_read_stat(t->pid, tid, &p) < 0)
		thread->tid = -1;
	else
		set_state(t, thread, THREAD_RUNNING);
	return 0;
}

/* An exec: the thread that called it is the leader now, and alone. */
static void handle_exec(struct tracee *t, pid_t pid)
{
	struct tracee_thread *leader = add_thread(t, pid);

	for (size_t i = 0; i < t->count; i++)
		set_state(t, &t->threads[i], THREAD_GONE);
	if (!leader)
		return;
	set_state(t, leader, THREAD_RUNNING);
	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
}

/* Take note of what waitpid() said of TID. */
static void handle_status(struct tracee *t, pid_t tid, int status)
{
	struct tracee_thread *thread = find_thread(t, tid);
	int event = WIFSTOPPED(status) ? status >> 16 : 0;

	if (WIFSTOPPED(status) && event == PTRACE_EVENT_EXEC && tid == t->pid) {
		handle_exec(t, tid);
	} else if (!thread) {
		/* of an earlier target: it had not stopped in time, and has now */
		if (WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, tid, NULL, NULL);
	} else if (!WIFSTOPPED(status)) {
		set_state(t, thread, THREAD_GONE);
	} else if (event == PTRACE_EVENT_STOP) {
		set_state(t, thread, THREAD_STOPPED);
	} else {
		/* about to get a signal, which it shall have; our stop is still to come */
		long sig = event == 0 ? WSTOPSIG(status) : 0;

		ptrace(PTRACE_CONT, tid, NULL, sig);
	}
}

/* The next change of state of any tracee, waiting for it until DEADLINE. */
static int next_status(pid_t *ret_tid, int *ret_status, uint64_t deadline)
{
	for (;;) {
		pid_t tid = waitpid(-1, ret_status, __WALL | WNOHANG);
		int r;

		if (tid > 0) {
			*ret_tid = tid;
			return 0;
		}
		if (tid < 0)
			return errno == ECHILD ? -ESRCH : -errno;
		r = signals_wait_child(deadline);
		if (r < 0)
			return r;
	}
}

static int wait_all_stopped(struct tracee *t, uint64_t deadline)
{
	while (t->running > 0) {
		pid_t tid;
		int status, r = next_status(&tid, &status, deadline);

		if (r < 0)
			return r;
		handle_status(t, tid, status);
	}
	return 0;
}

static bool has_stopped_thread(const struct tracee *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->threads[i].state == THREAD_STOPPED)
			return true;
	return false;
}

/* Is PID still the process that we opened, and that began at STARTTIME? */
static bool same_process(const struct tracee *t, uint64_t starttime)
{
	struct pollfd exited = { .fd = t->pidfd, .events = POLLIN };
	struct process p;

	/* readable once the process has exited, pidfd_open(2) */
	return poll(&exited, 1, 0) == 0 && process_read(t->pid, &p) == 0 &&
	       p.starttime == starttime;
}

static int stop_threads(struct tracee *t, uint64_t deadline)
{
	for (int passes = 0; passes < PASSES_WANTED; ) {
		int r;

		t->fresh = 0;
		r = process_each_thread(t->pid, take_thread, t);
		if (r == 0)
			r = wait_all_stopped(t, deadline);
		if (r < 0)
			return r;
		if (clock_now() > deadline)
			return -ETIMEDOUT;
		passes = t->fresh > 0 ? 0 : passes + 1;
	}
	return has_stopped_thread(t) ? 0 : -ESRCH;
}

int tracee_stop(struct tracee *ret, pid_t pid, uint64_t starttime, uint64_t deadline)
{
	struct tracee t = { .pid = pid };
	int r;

	t.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (t.pidfd < 0)
		return -errno;
	t.stop_began = clock_now();
	r = same_process(&t, starttime) ? stop_threads(&t, deadline) : -ESRCH;
	if (r == 0 && !same_process(&t, starttime))
		r = -ESRCH;
	if (r < 0) {
		tracee_release(&t);
		return r;
	}
	*ret = t;
	return 0;
}

int tracee_adopt(struct tracee *ret, pid_t pid)
{
	struct tracee t = { .pid = pid, .stop_began = clock_now() };
	struct tracee_thread *leader;
	struct process p;
	int r = process_read_stat(pid, pid, &p);

	if (r < 0)
		return r;
	t.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (t.pidfd < 0)
		return -errno;
	leader = add_thread(&t, pid);
	if (!leader) {
		close(t.pidfd);
		return -ENOMEM;
	}
	leader->starttime = p.starttime;
	leader->state = THREAD_STOPPED;
	*ret = t;
	return 0;
}

int tracee_gather(struct tracee *t, uint64_t deadline)
{
	return stop_threads(t, deadline);
}

/* An EINTR that only our stop has caused is taken back. */
static void heal_thread(pid_t tid)
{
	remote_regs regs;

	if (remote_regs_get(tid, &regs) == 0 && remote_regs_native(&regs) &&
	    remote_regs_heal(&regs))
		remote_regs_set(tid, &regs);
}

void tracee_release(struct tracee *t)
{
	/*
	 * A thread that never stopped (the parent of a vfork, say) cannot be
	 * detached; it is let go when it does stop, or when we exit.
	 */
	for (size_t i = 0; i < t->count; i++) {
		if (t->threads[i].state != THREAD_STOPPED)
			continue;
		heal_thread(t->threads[i].tid);
		ptrace(PTRACE_DETACH, t->threads[i].tid, NULL, NULL);
	}
	if (t->pidfd >= 0)
		close(t->pidfd);
	free(t->threads);
	*t = (struct tracee){ .pidfd = -1 };
}

int tracee_resume(struct tracee *t, struct tracee_thread *thread, int request, int sig,
		  int *ret_status)
{
	pid_t tid = thread->tid;

	if (ptrace(request, tid, NULL, (long)sig) != 0)
		return -errno;
	set_state(t, thread, THREAD_RUNNING);
	for (;;) {
		pid_t got;
		int status, r = next_status(&got, &status, UINT64_MAX);

		/* told to end: first things first, the signal stays pending */
		if (r == -EINTR) {
			pid_t one = waitpid(tid, &status, __WALL);

			if (one < 0 && errno == EINTR)
				continue;
			r = one == tid ? 0 : -ESRCH;
			got = tid;
		}
		if (r < 0) {
			set_state(t, thread, THREAD_GONE);
			return r;
		}
		if (got != tid) {
			handle_status(t, got, status);
			continue;
		}
		set_state(t, thread, WIFSTOPPED(status) ? THREAD_STOPPED : THREAD_GONE);
		*ret_status = status;
		return WIFSTOPPED(status) ? 0 : -ESRCH;
	}
}
