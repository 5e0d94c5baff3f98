/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Stopping a whole process, and what shares its memory.
 *
 * PTRACE_SEIZE leaves a thread running; PTRACE_INTERRUPT then stops it without a
 * signal, so nothing that the program could notice is sent.  Threads may come
 * and go meanwhile: task/ is read until two passes in a row, with every known
 * thread stopped, show none that is new.  A signal that happens to be delivered
 * first is passed on; an exec by some thread ends all the others and starts the
 * count again.  If we die, the kernel detaches us and the threads run on.
 *
 * The parent in a vfork(2) stops only once its child has done with the memory; but
 * neither does it run anything before, so it need not be waited for.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "privileges.h"
#include "process.h"
#include "remote-abi.h"
#include "rescue-frame.h"
#include "signals.h"
#include "syscall-restart.h"
#include "tracee.h"

#define PASSES_WANTED 2

/* How often those that are still to stop are looked at, ns. */
#define LOOK_INTERVAL 2000000ull

/* What take_thread() is to know: a thread of PID, which is the target or a sharer. */
struct taking {
	struct tracee *tracee;
	pid_t pid;
};

static bool is_dead(char state)
{
	return state == 'Z' || state == 'X';
}

static int seize(pid_t tid, int options)
{
	long r;

	privileges_raise(CAP_SYS_PTRACE);
	r = ptrace(PTRACE_SEIZE, tid, NULL, (long)options);
	privileges_lower();
	return r == 0 ? 0 : -errno;
}

/* A thread that could not be seized, and is to stay known if that is since it has exited. */
static int note_dead(struct tracee_thread *thread, pid_t pid, int error)
{
	struct process p;

	/* the kernel says EPERM of a thread that is exiting, too */
	if (process_read_stat(pid, thread->tid, &p) < 0)
		return 0;
	thread->starttime = p.starttime;
	return is_dead(p.state) ? 0 : error;
}

/* Is TID, which we know to be gone, still the same zombie? */
static bool still_dead(const struct tracee_thread *thread, pid_t pid)
{
	struct process p;

	return process_read_stat(pid, thread->tid, &p) < 0 || p.starttime == thread->starttime;
}

/*
 * Seize and interrupt thread TID, unless it is known.  What is gone stays known
 * with its start time, so that a zombie does not count as new in every pass.
 */
static int take_thread(void *context, pid_t tid)
{
	const struct taking *taking = context;
	struct tracee *t = taking->tracee;
	struct tracee_thread *thread = tracee_find(t, tid);
	struct process p;
	int r;

	if (thread && (thread->state != THREAD_GONE || still_dead(thread, taking->pid)))
		return 0;
	thread = tracee_add(t, taking->pid, tid);
	if (!thread)
		return -ENOMEM;
	t->fresh++;
	/* one that does not stop cannot be detached, and must not be killed for that */
	r = seize(tid, t->options & ~PTRACE_O_EXITKILL);
	if (r < 0)
		return note_dead(thread, taking->pid, r);
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	/* the tid may have gone to another process just before: let that one be */
	if (process_read_stat(taking->pid, tid, &p) < 0) {
		thread->tid = -1;
		return 0;
	}
	thread->starttime = p.starttime;
	thread->io_worker = p.io_worker;
	tracee_set_state(t, thread, THREAD_RUNNING);
	return 0;
}

/* Every thread of the target, and of the processes that share its memory. */
static int take_all(struct tracee *t)
{
	struct taking taking = { .tracee = t, .pid = t->pid };
	int r = process_each_thread(t->pid, take_thread, &taking);

	for (size_t i = 0; r == 0 && i < t->sharers.count; i++) {
		struct sharer *sharer = &t->sharers.items[i];
		int error;

		taking.pid = sharer->pid;
		error = sharer->running ? 0 : process_each_thread(sharer->pid, take_thread, &taking);
		if (error == -ENOMEM)
			r = error;
		else if (error < 0 && error != -ESRCH)
			sharer->running = true;
	}
	return r;
}

/* TID is traced for no reason any more: let it go at its stop, with the signal it may wait for. */
static void let_go(pid_t tid, long sig)
{
	ptrace(PTRACE_DETACH, tid, NULL, sig);
}

/*
 * The target has called exec: the thread that did is the leader now, and alone, with
 * memory of its own.
 */
static void handle_exec(struct tracee *t, pid_t pid)
{
	struct tracee_thread *leader = tracee_add(t, pid, pid);

	for (size_t i = 0; i < t->count; i++) {
		struct tracee_thread *thread = &t->threads[i];

		if (thread->pid != t->pid) {
			if (thread->state == THREAD_STOPPED)
				let_go(thread->tid, 0);
			/* one that is still to stop is nobody's now: see below */
			thread->tid = -1;
		}
		tracee_set_state(t, thread, THREAD_GONE);
	}
	sharers_forget(&t->sharers);
	if (!leader)
		return;
	tracee_set_state(t, leader, THREAD_RUNNING);
	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
}

/* A sharer has called exec, and shares nothing any more. */
static void handle_sharer_exec(struct tracee *t, pid_t pid)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->threads[i].pid == pid) {
			t->threads[i].tid = -1;
			tracee_set_state(t, &t->threads[i], THREAD_GONE);
		}
	}
	let_go(pid, 0);
}

/* THREAD is at a stop: what the stop, or an earlier msealctl, has done to it is undone. */
static void heal(const struct tracee_thread *thread)
{
	remote_regs regs;

	if (remote_regs_get(thread->tid, &regs) == 0 && !rescue_frame_finish(thread->tid, &regs))
		syscall_restart_repair(thread->pid, thread->tid, &regs);
}

/* Take note of what tracee_next_status() said of TID. */
static void handle_status(struct tracee *t, pid_t tid, int status)
{
	struct tracee_thread *thread = tracee_find(t, tid);
	int event = WIFSTOPPED(status) ? status >> 16 : 0;
	long sig = WIFSTOPPED(status) && event == 0 ? WSTOPSIG(status) : 0;

	if (event == PTRACE_EVENT_EXEC && tid == t->pid) {
		handle_exec(t, tid);
	} else if (!thread) {
		/* of an earlier target or sharer: it had not stopped in time, and has now */
		if (WIFSTOPPED(status))
			let_go(tid, sig);
	} else if (event == PTRACE_EVENT_EXEC) {
		handle_sharer_exec(t, tid);
	} else if (!WIFSTOPPED(status)) {
		tracee_set_state(t, thread, THREAD_GONE);
	} else if (event == PTRACE_EVENT_STOP) {
		heal(thread);
		tracee_set_state(t, thread, THREAD_STOPPED);
	} else {
		/*
		 * About to get a signal, which it shall have; our stop is still to come.  If
		 * it is ignored, only being traced has made it interrupt a call.
		 */
		heal(thread);
		ptrace(PTRACE_CONT, tid, NULL, sig);
	}
}

/* Do not wait for those that can do nothing before they stop. */
static void look_at_running(struct tracee *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tracee_thread *thread = &t->threads[i];
		struct process p;
		long call;

		if (thread->state == THREAD_RUNNING &&
		    process_read_stat(thread->pid, thread->tid, &p) == 0 && p.state == 'D' &&
		    process_read_syscall(thread->pid, thread->tid, &call) == 0 &&
		    remote_call_may_vfork(call))
			tracee_set_state(t, thread, THREAD_HELD);
	}
}

/* Until no thread can run, and one at least is in our hands. */
static int wait_all_stopped(struct tracee *t)
{
	while (t->running > 0 || (t->stopped == 0 && t->held > 0)) {
		uint64_t now = clock_now(), next = now + LOOK_INTERVAL;
		pid_t tid;
		int status, r;

		if (now >= t->deadline)
			return -ETIMEDOUT;
		r = tracee_next_status(&tid, &status, next < t->deadline ? next : t->deadline);
		if (r == 0)
			handle_status(t, tid, status);
		else if (r == -ETIMEDOUT)
			look_at_running(t);
		else
			return r;
	}
	return t->stopped > 0 ? 0 : -ESRCH;
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

/* Look for processes that share the memory, by a thread that has it. */
static int find_sharers(struct tracee *t)
{
	const struct tracee_thread *stopped = tracee_any_stopped(t);
	struct process leader;
	pid_t tid = stopped ? stopped->tid : process_find_reader(t->pid, &leader);

	return tid > 0 ? sharers_find(&t->sharers, t->pid, tid) : tid;
}

static int stop_all(struct tracee *t)
{
	for (int passes = 0; passes < PASSES_WANTED; ) {
		int r;

		t->fresh = 0;
		r = take_all(t);
		if (r == 0)
			r = wait_all_stopped(t);
		/* one may have come meanwhile; from now on none can */
		if (r == 0 && t->fresh == 0 && passes == 0)
			r = find_sharers(t);
		if (r < 0)
			return r;
		if (clock_now() > t->deadline)
			return -ETIMEDOUT;
		passes = t->fresh > 0 || r > 0 ? 0 : passes + 1;
	}
	return 0;
}

int tracee_stop(struct tracee *ret, pid_t pid, uint64_t starttime, uint64_t deadline)
{
	struct tracee t = { .pid = pid, .options = TRACEE_OPTIONS, .deadline = deadline };
	int r;

	t.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (t.pidfd < 0)
		return -errno;
	/* most of the looking is done before anything is stopped */
	r = find_sharers(&t);
	t.stop_began = clock_now();
	if (r >= 0)
		r = same_process(&t, starttime) ? stop_all(&t) : -ESRCH;
	if (r == 0 && !same_process(&t, starttime))
		r = -ESRCH;
	if (r < 0) {
		tracee_release(&t);
		return r;
	}
	*ret = t;
	return 0;
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

int tracee_gather(struct tracee *t)
{
	return stop_all(t);
}
