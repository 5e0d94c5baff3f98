/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Waiting for the threads that stop.c has interrupted.  A signal that is delivered first is
 * injected.  An exec by one thread ends all the others and starts the count again.
 *
 * The parent in a vfork(2) stops only once its child has released the memory; it runs
 * nothing before that, so it is not waited for.
 */
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "call-table.h"
#include "clock.h"
#include "process.h"
#include "remote-abi.h"
#include "rescue-finish.h"
#include "syscall-restart.h"
#include "tracee-internal.h"

/* How often threads that have not stopped yet are looked at. */
#define LOOK_INTERVAL (2 * NS_PER_MS)

/* TID, at a stop, need not be traced any more; inject SIG if the stop is that of a signal. */
static void detach(pid_t tid, long sig)
{
	ptrace(PTRACE_DETACH, tid, NULL, sig);
}

/*
 * The target has called exec: the thread that did is its leader and only thread now, with
 * memory that no other process shares.
 */
static void handle_exec(struct tracee *t, pid_t pid)
{
	struct tracee_thread *leader = tracee_add(t, pid, pid);

	for (size_t i = 0; i < t->count; i++) {
		struct tracee_thread *thread = &t->threads[i];

		if (thread->pid != t->pid) {
			if (thread->state == THREAD_STOPPED)
				detach(thread->tid, 0);
			/* the others are detached from when they stop, see handle_status() */
			thread->tid = -1;
		}
		tracee_set_state(t, thread, THREAD_GONE);
	}
	sharers_forget(&t->sharers);
	t->executed = true;
	if (!leader)
		return;
	tracee_set_state(t, leader, THREAD_RUNNING);
	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
}

/* A sharer has called exec, and has memory of its own now. */
static void handle_sharer_exec(struct tracee *t, pid_t pid)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->threads[i].pid == pid) {
			t->threads[i].tid = -1;
			tracee_set_state(t, &t->threads[i], THREAD_GONE);
		}
	}
	detach(pid, 0);
}

/*
 * Undo what the stop, or an msealctl that was killed, has done to the stopped THREAD.  If it
 * was INTERRUPTED, its call may have ended early, though it was not seen in one.
 */
static void undo_interruption(struct tracee *t, struct tracee_thread *thread, bool interrupted)
{
	struct thread_call cut;
	remote_regs regs;
	bool repaired = true;

	/* of an earlier stop, if this is not the first */
	thread->was_eintr = false;
	if (remote_regs_get(thread->tid, &regs) < 0)
		return;
	if (rescue_finish(thread->tid, &regs)) {
		if (remote_regs_get(thread->tid, &regs) < 0)
			return;
	} else if (interrupted || !remote_regs_lack_argument(&regs)) {
		syscall_restart_complete(&thread->transfer, thread->pid, thread->tid,
					 &regs);
		repaired = syscall_restart_repair(thread->pid, thread->tid, &regs);
		thread->was_eintr = repaired && remote_regs_result(&regs) == -EINTR;
	}
	if (!interrupted)
		return;
	cut = transfer_cut_short(&thread->transfer, thread->pid, thread->tid, &regs);
	if (!repaired && syscall_restart_leaves_eintr(thread->pid, thread->tid, &regs))
		cut = (struct thread_call){ .tid = thread->tid };
	if (cut.tid)
		t->cut_short = cut;
}

/* Act on the STATUS of TID that tracee_next_status() returned. */
static void handle_status(struct tracee *t, pid_t tid, int status)
{
	struct tracee_thread *thread = tracee_find(t, tid);
	int event = WIFSTOPPED(status) ? status >> 16 : 0;
	long sig = WIFSTOPPED(status) && event == 0 ? WSTOPSIG(status) : 0;

	if (event == PTRACE_EVENT_EXEC && tid == t->pid) {
		handle_exec(t, tid);
	} else if (!thread) {
		/* of an earlier target or sharer, and had not stopped in time */
		if (WIFSTOPPED(status))
			detach(tid, sig);
	} else if (event == PTRACE_EVENT_EXEC) {
		handle_sharer_exec(t, tid);
	} else if (!WIFSTOPPED(status)) {
		tracee_set_state(t, thread, THREAD_GONE);
	} else if (event == PTRACE_EVENT_STOP) {
		tracee_set_state(t, thread, THREAD_STOPPED);
		undo_interruption(t, thread, true);
	} else {
		/*
		 * Inject the signal; the event stop comes later.  An ignored signal would
		 * not have interrupted a call if the thread were not traced.
		 */
		undo_interruption(t, thread, false);
		ptrace(PTRACE_CONT, tid, NULL, sig);
	}
}

static bool is_in_vfork(const struct tracee_thread *thread)
{
	struct process_call call;

	return process_find_call(thread->pid, thread->tid, &call) == 0 &&
	       (call_traits(remote_abi_at(call.sp), call.number) & CALL_VFORK);
}

/*
 * Do not wait for the parents in a vfork(2), nor for threads that are exiting, which a FUSE
 * server can delay, nor for what has gone without a status.
 */
static void look_at_running(struct tracee *t)
{
	tracee_reap(t);
	for (size_t i = 0; i < t->count; i++) {
		struct tracee_thread *thread = &t->threads[i];
		struct process p;

		if (thread->state == THREAD_RUNNING &&
		    process_read_stat(thread->pid, thread->tid, &p) == 0 &&
		    (p.exiting || (p.state == 'D' && is_in_vfork(thread))))
			tracee_set_state(t, thread, THREAD_IN_VFORK);
	}
}

/* The next thread that has not stopped yet, from number *INDEX on; 0 if there is none. */
static pid_t next_running(const struct tracee *t, size_t *index)
{
	for (size_t seen = 0; seen < t->count; seen++) {
		if (*index >= t->count)
			*index = 0;
		if (t->threads[*index].state == THREAD_RUNNING)
			return t->threads[*index].tid;
		++*index;
	}
	return 0;
}

int tracee_wait_stopped(struct tracee *t)
{
	bool any = false;

	for (size_t i = 0; t->running > 0 || (t->stopped == 0 && t->in_vfork > 0); ) {
		uint64_t now = clock_now(), next = any ? now : now + LOOK_INTERVAL;
		pid_t tid, wanted = any ? 0 : next_running(t, &i);
		int status, r;

		if (now >= t->deadline)
			return -ETIMEDOUT;
		r = tracee_next_status(wanted, &tid, &status,
				       next < t->deadline ? next : t->deadline);
		if (r == 0) {
			handle_status(t, tid, status);
		} else if (r == -ETIMEDOUT) {
			if (!any)
				look_at_running(t);
			any = !any;
		} else {
			return r;
		}
	}
	return t->stopped > 0 || t->busy + t->moving + t->blocked > 0 ? 0 :
									     -ESRCH;
}
