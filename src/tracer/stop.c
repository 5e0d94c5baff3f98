/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Stopping all threads of a process, and of those that share its memory.
 *
 * PTRACE_SEIZE leaves a thread running; PTRACE_INTERRUPT then stops it without a
 * signal, so the program cannot notice.  Threads may come and go meanwhile: task/ is read
 * until as many are stopped as the process has, or, if some cannot be or other processes
 * share the memory, until two passes in a row find no new one.  Between the passes,
 * stop-wait.c waits for the stops.  If msealctl dies, the kernel detaches it from all of
 * them.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "frozen.h"
#include "process.h"
#include "seize.h"
#include "signals.h"
#include "tracee-internal.h"
#include "worker.h"

/* With one alone, a thread could start behind the place that is being read. */
#define PASSES_WANTED 2

/* How long to wait for transfers: before anything is stopped, and while threads are. */
#define PATIENCE (100 * NS_PER_MS)
#define PATIENCE_STOPPED (5 * NS_PER_MS)

/*
 * How often a living thread may refuse to be seized: one that executes a program takes the
 * place of the leader, which was a zombie.
 */
#define REFUSALS_MAX 3

/* How often threads in a transfer are looked at. */
#define TRANSFER_INTERVAL (NS_PER_MS / 2)

/* How old a look may be when the thread is interrupted, and how often to try. */
#define LOOK_FRESH (NS_PER_MS / 10)
#define LOOK_TRIES 10

/*
 * PTRACE_SEIZE of THREAD failed with ERROR.  Keep a zombie in the list, so that no later pass
 * counts it as new.  What has taken the place of a thread of ours is traced already.
 */
static int keep_refused(struct tracee *t, struct tracee_thread *thread, pid_t pid, int error)
{
	struct process p;

	/* EPERM may mean that it is exiting */
	if (process_read_thread(pid, thread->tid, &p) < 0)
		return 0;
	if (p.tracer == getpid())
		tracee_set_state(t, thread, THREAD_RUNNING);
	else if (process_is_dead(&p))
		thread->starttime = p.starttime;
	else
		return error;
	return 0;
}

/* THREAD is gone: is it still in /proc, as the same zombie? */
static bool same_zombie(const struct tracee_thread *thread, pid_t pid)
{
	struct process p;

	return process_read_stat(pid, thread->tid, &p) < 0 || p.starttime == thread->starttime;
}

/*
 * Would stopping THREAD end its call early, as far as can be seen?  One that is busy may
 * be interrupted after a while, unless it was seen in such a call before.  A thread of the
 * kernel is never stopped, nor waited for.
 */
static bool in_transfer(struct tracee *t, struct tracee_thread *thread)
{
	struct transfer *transfer = &thread->transfer;
	enum transfer_state state = transfer_look(transfer, thread->pid, thread->tid);

	if (state == TRANSFER_KERNEL)
		return true;
	if (state == TRANSFER_NONE ||
	    (state == TRANSFER_POSSIBLE && !transfer->name && clock_now() >= t->patience_busy))
		return false;
	if (state == TRANSFER_BLOCKED && !transfer->moved)
		t->blocked++;
	else if (transfer->name)
		t->moving++;
	else
		t->busy++;
	if (transfer->name)
		t->transferring = (struct thread_call){
			.tid = thread->tid, .name = transfer->name,
		};
	return true;
}

/*
 * Seize and interrupt THREAD unless it is in a transfer: then 1, and it is THREAD_UNSEIZED.
 * If msealctl did not get to run meanwhile, the look is too old, and is done again.
 */
static int look_and_seize(struct tracee *t, struct tracee_thread *thread)
{
	int r = -EAGAIN;

	for (int tries = 1; r == -EAGAIN && tries <= LOOK_TRIES; tries++) {
		uint64_t fresh = tries < LOOK_TRIES ? clock_now() + LOOK_FRESH : UINT64_MAX;

		if (in_transfer(t, thread)) {
			tracee_set_state(t, thread, THREAD_UNSEIZED);
			return 1;
		}
		tracee_set_state(t, thread, THREAD_GONE);
		/* without EXITKILL: one that does not stop stays traced until msealctl exits */
		r = seize(t, thread->tid, TRACEE_OPTIONS, fresh);
	}
	return r;
}

/*
 * Seize and interrupt thread TID, unless it is known, or in a transfer.  Zombies are known
 * by their start times, so that they do not count as new in every pass.
 */
static int seize_thread(struct tracee *t, pid_t pid, pid_t tid)
{
	struct tracee_thread *thread = tracee_find(t, tid);
	int refusals = 0, r;

	if (thread && thread->state != THREAD_UNSEIZED &&
	    (thread->state != THREAD_GONE || (thread->starttime && same_zombie(thread, pid))))
		return 0;
	if (!thread)
		thread = tracee_add(t, pid, tid);
	if (!thread)
		return -ENOMEM;
	t->found++;
	while ((r = look_and_seize(t, thread)) < 0) {
		if (r == -EINTR || r == -ETIMEDOUT)
			return r;
		r = keep_refused(t, thread, pid, r);
		if (r == 0 || ++refusals > REFUSALS_MAX)
			return r;
	}
	if (r > 0) {
		t->found--;
		return 0;
	}
	/* if the tid is a thread of another process by now, leave that alone */
	if (syscall(SYS_tgkill, pid, tid, 0) != 0 && errno == ESRCH)
		thread->tid = -1;
	else
		tracee_set_state(t, thread, THREAD_RUNNING);
	return 0;
}

/* Before any thread is stopped: look whether TID is in a transfer. */
static int look_at_thread(struct tracee *t, pid_t pid, pid_t tid)
{
	struct tracee_thread *thread = tracee_find(t, tid);
	bool known = thread && thread->state != THREAD_GONE;

	if (known && thread->state != THREAD_UNSEIZED)
		return 0;
	if (!thread)
		thread = tracee_add(t, pid, tid);
	if (!thread)
		return -ENOMEM;
	thread->seen = t->pass;
	if (in_transfer(t, thread))
		tracee_set_state(t, thread, THREAD_UNSEIZED);
	else
		t->found++;
	return 0;
}

/* Context of visit_thread(): PID is the target or a sharer. */
struct visiting {
	struct tracee *tracee;
	pid_t pid;
	int (*visit)(struct tracee *t, pid_t pid, pid_t tid);
};

static int visit_thread(void *context, pid_t tid)
{
	const struct visiting *visiting = context;

	return visiting->visit(visiting->tracee, visiting->pid, tid);
}

static void begin_pass(struct tracee *t)
{
	t->pass++;
	t->found = t->busy = t->moving = t->blocked = 0;
	t->transferring.name = NULL;
}

/* One pass over the threads of the target, and of the processes that share its memory. */
static int visit_all(struct tracee *t, int (*visit)(struct tracee *t, pid_t pid, pid_t tid))
{
	struct visiting visiting = { .tracee = t, .pid = t->pid, .visit = visit };
	int r;

	begin_pass(t);
	r = process_each_thread(t->pid, visit_thread, &visiting);
	for (size_t i = 0; r == 0 && i < t->sharers.count; i++) {
		struct sharer *sharer = &t->sharers.items[i];
		int error;

		visiting.pid = sharer->pid;
		error = sharer->running ? 0 :
			process_each_thread(sharer->pid, visit_thread, &visiting);
		if (error == -ENOMEM || error == -EINTR || error == -ETIMEDOUT)
			r = error;
		else if (error < 0 && error != -ESRCH)
			sharer->running = true;
	}
	return r;
}

/*
 * Wait until no thread is in a transfer, or until those that are stay blocked, while other
 * threads are not.  Nothing is stopped meanwhile.
 */
static int wait_for_transfers(struct tracee *t)
{
	t->patience = clock_now() + PATIENCE;
	for (;;) {
		uint64_t now;
		int r;

		tracee_let_go_left();
		/* one of this process may have been among them, from the try before */
		if (t->running + t->in_vfork > 0)
			tracee_reap(t);
		r = visit_all(t, look_at_thread);

		if (r < 0 || t->busy + t->moving + t->blocked == 0)
			return r;
		now = clock_now();
		if (now >= t->deadline)
			return t->transferring.name ? -EINPROGRESS : -ETIMEDOUT;
		if (now >= t->patience && t->busy + t->moving == 0 && t->found > 0)
			return 0;
		r = signals_wait_child(now + TRANSFER_INTERVAL, true);
		if (r == -EINTR)
			return r;
	}
}

/* As long as it is not, no other process can have its pid. */
static bool has_exited(const struct tracee *t)
{
	struct pollfd exited = { .fd = t->pidfd, .events = POLLIN };

	/* readable once the process has exited, pidfd_open(2) */
	return poll(&exited, 1, 0) != 0;
}

/* While nothing is stopped: may PROCESS, which the pidfd was opened for, be stopped? */
static int check_process(struct tracee *t, const struct process *process)
{
	struct process leader;
	pid_t tid = process_find_reader(t->pid, &leader);
	int r;

	if (tid < 0)
		return tid;
	/* compare most processes before anything is stopped */
	r = sharers_find(&t->sharers, t->pid, tid);
	if (r < 0)
		return r;
	if (leader.starttime != process->starttime || has_exited(t))
		return -ESRCH;
	if (process_traces_us(t->pid))
		return -EDEADLK;
	return process_blocks_seize(t->pid) ? -EBUSY : 0;
}

/* Is each thread of the target stopped, for there are no more than these? */
static bool knows_all(const struct tracee *t)
{
	struct process p;

	return t->sharers.count == 0 && process_read_stat(t->pid, t->pid, &p) == 0 &&
	       (size_t)p.threads == t->stopped;
}

/*
 * The threads that were looked at in the pass before: mostly they are all, and task/ need not
 * be read.  Numbers from earlier passes may be those of other threads by now.
 */
static int seize_known(struct tracee *t)
{
	unsigned last = t->pass;
	int r = 0;

	begin_pass(t);
	for (size_t i = 0; r == 0 && i < t->count; i++)
		if (t->threads[i].seen == last && t->threads[i].tid > 0)
			r = seize_thread(t, t->threads[i].pid, t->threads[i].tid);
	return r;
}

static int stop_found(struct tracee *t, bool known)
{
	int r;

	seize_begin_pass();
	r = known ? seize_known(t) : visit_all(t, seize_thread);
	seize_end_pass();
	if (r == 0)
		r = tracee_wait_stopped(t);
	/* others may have been started by those that were known */
	return known && r == -ESRCH ? 0 : r;
}

/*
 * Of the threads that are not stopped, forget those that have exited by now: what they did
 * before is over, and tracee_ran() must not take it for what came after.
 */
static void forget_exited(struct tracee *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tracee_thread *thread = &t->threads[i];
		struct process p = { .tid = thread->tid };

		if (thread->state == THREAD_UNSEIZED &&
		    (process_read_stat(thread->pid, thread->tid, &p) == -ESRCH || p.exiting ||
		     process_is_dead(&p)))
			thread->state = THREAD_GONE;
	}
}

static int stop_all(struct tracee *t)
{
	/* a sharer that cannot be stopped is no error, see visit_all() */
	bool known = t->sharers.count == 0;
	int r = seize_begin();

	if (r < 0)
		return r;
	t->patience = clock_now() + PATIENCE_STOPPED;
	/* the first pass finds those that are still there */
	for (size_t i = 0; i < t->count; i++)
		if (t->threads[i].state == THREAD_UNSEIZED)
			t->threads[i].state = THREAD_GONE;
	for (int passes = 0; r >= 0 && passes < PASSES_WANTED; known = false) {
		bool all = false;

		r = stop_found(t, known);
		if (r == 0)
			all = knows_all(t);
		/* a sharer may have been started meanwhile; from now on none can be */
		if (r == 0 && t->stopped > 0 && (all || (t->found == 0 && passes == 0)))
			r = sharers_find(&t->sharers, t->pid, tracee_any_stopped(t)->tid);
		if (r == 0 && all)
			passes = PASSES_WANTED;
		else if (r >= 0)
			passes = known || t->found + t->busy + t->moving > 0 || r > 0 ?
				 0 : passes + 1;
		/* others must not stay stopped for threads that go on with their transfers */
		if (r >= 0 && ((t->stopped == 0 && !known) ||
			       (t->busy + t->moving > 0 && clock_now() >= t->patience)))
			r = -EAGAIN;
		if (r >= 0 && t->found > 0 && signals_ending())
			r = -EINTR;
		if (r >= 0 && clock_now() > t->deadline)
			r = -ETIMEDOUT;
	}
	seize_end();
	if (r >= 0)
		forget_exited(t);
	return r;
}

/* Detach from what is stopped, and go on later. */
static void resume_all(struct tracee *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tracee_thread *thread = &t->threads[i];

		if (thread->state != THREAD_STOPPED)
			continue;
		tracee_detach(thread);
		thread->starttime = 0;
		tracee_set_state(t, thread, THREAD_GONE);
	}
}

int tracee_stop(struct tracee *ret, const struct process *process, uint64_t deadline,
		uint64_t patience)
{
	struct tracee t = {
		.pid = process->tid, .options = TRACEE_OPTIONS, .deadline = deadline,
		.patience_busy = patience,
	};
	int r;

	t.pidfd = (int)syscall(SYS_pidfd_open, process->tid, 0);
	if (t.pidfd < 0)
		return -errno;
	/* what must not run while this one is stopped is among them by then */
	worker_set_idle(NULL);
	tracee_let_go_left();
	r = check_process(&t, process);
	if (r == 0 && clock_now() >= deadline)
		r = -ETIMEDOUT;
	while (r == 0 && (r = wait_for_transfers(&t)) == 0) {
		t.stop_began = clock_now();
		r = stop_all(&t);
		if (r != -EAGAIN)
			break;
		resume_all(&t);
		r = 0;
	}
	if (r == 0 && has_exited(&t))
		r = -ESRCH;
	/* its loader has not even begun */
	if (r == 0 && t.executed)
		r = -ESTALE;
	if (r < 0)
		tracee_release(&t);
	*ret = t;
	return r;
}

int tracee_gather(struct tracee *t)
{
	int r;

	do {
		r = stop_all(t);
	} while (r == -EAGAIN && clock_now() < t->deadline);
	return r == -EAGAIN ? -EINPROGRESS : r;
}
