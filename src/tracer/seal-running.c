/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "seal-running.h"

#include <errno.h>

#include "backend.h"
#include "clock.h"
#include "inject.h"
#include "processor.h"
#include "remote-seal.h"
#include "signals.h"
#include "tracee.h"
#include "worker.h"

/* What the steps of the backend share. */
struct work {
	const struct running *running;
	struct survey *survey;
	struct running_outcome *outcome;
	struct tracee tracee;
	struct held_signals held;
	struct processors own, workers;	/* before the stop */
	bool stopped;		/* and signals are held */
	bool again;		/* the second round: some rows were open after the first, */
	struct survey after;	/* which was read back then */
};

static int plan_stopped(void *context, struct plan *ret)
{
	struct work *w = context;
	const struct running *running = w->running;
	int r = choice_plan(running->choice, ret, &w->survey->arena, &w->survey->regions,
			    running->types);

	/* seals stay: what was sealed before needs no call */
	if (r == 0)
		plan_note_already(ret, w->again ? &w->after.maps : &running->before->maps);
	return r;
}

static int seal_stopped(void *context, struct plan *plan)
{
	struct work *w = context;
	struct injector injector;
	int r;

	w->outcome->failed = STEP_CALL;
	/* it may have changed what the plan was made of */
	if (tracee_ran(&w->tracee))
		return -EAGAIN;
	r = inject_begin(&injector, &w->tracee, &w->survey->regions);
	if (r < 0)
		return r;
	w->outcome->has_frame = injector.has_frame;
	return remote_seal(&injector, plan);
}

/*
 * All that takes part in the stop runs in turn, so it runs where the target did last: each
 * call of the worker takes a fifth of the time that it takes to wake another processor.
 */
static void begin_stop(struct work *w)
{
	int processor = w->running->process->processor;

	signals_hold(&w->held);
	processor_follow(&w->own, 0, processor);
	w->workers.changed = false;
	if (worker_pid() > 0)
		processor_follow(&w->workers, worker_pid(), processor);
	w->stopped = true;
}

static void end_stop(struct work *w)
{
	processor_return(&w->workers);
	processor_return(&w->own);
	signals_release(&w->held);
	w->stopped = false;
}

static void let_go(struct work *w)
{
	const struct tracee_thread *ran;

	if (!w->stopped)
		return;
	ran = tracee_ran(&w->tracee);
	if (ran)
		w->outcome->ran = (struct thread_call){ ran->tid, ran->transfer.name };
	if (w->tracee.cut_short.tid)
		w->outcome->cut_short = w->tracee.cut_short;
	worker_set_deadline(UINT64_MAX);
	tracee_release(&w->tracee);
	w->outcome->stopped_ns += w->tracee.stop_ended - w->tracee.stop_began;
	end_stop(w);
}

/*
 * smaps is slow to make: it is read once the process runs again.  If it shows rows open that
 * no call has failed for, -EAGAIN asks for a second round: another program runs by now,
 * without the seals of before.
 */
static int read_back(void *context, struct plan *plan)
{
	struct work *w = context;
	const struct process *process = w->running->process;
	struct process leader;
	struct survey after;
	pid_t reader;
	int r;

	let_go(w);
	w->outcome->failed = STEP_READ_BACK;
	reader = process_find_reader(process->tid, &leader);
	if (reader < 0)
		return reader;
	/* it may have ended since, and its number may be another's */
	if (leader.starttime != process->starttime)
		return -ESRCH;
	r = survey_read(&after, process->tid, reader, SURVEY_SMAPS | SURVEY_ROWS);
	if (r < 0)
		return r;
	plan_note_already(plan, &w->running->before->maps);
	plan_verify(plan, &after.maps);
	if (!w->again && !plan_is_explained(plan)) {
		w->again = true;
		w->after = after;
		return -EAGAIN;
	}
	/* for the report */
	if (!choice_asks_for_dlopened(w->running->choice))
		regions_copy_dlopened(&w->survey->regions, &w->running->before->regions);
	survey_free(&after);
	return 0;
}

static const struct backend running_backend = {
	.plan = plan_stopped,
	.seal = seal_stopped,
	.verify = read_back,
};

static int survey_stopped(struct work *w)
{
	/* any stopped thread shows the memory; the leader may be a zombie */
	const struct tracee_thread *reader = tracee_any_stopped(&w->tracee);

	w->outcome->failed = STEP_READ;
	if (!reader)
		return -ESRCH;
	return survey_read(w->survey, reader->pid, reader->tid,
			   choice_asks_for_dlopened(w->running->choice) ? SURVEY_DLOPENED :
									  SURVEY_MAPS);
}

static void note_sharers(struct running_outcome *outcome, const struct sharers *sharers)
{
	outcome->sharers = sharers->count;
	for (size_t i = 0; i < sharers->count; i++) {
		outcome->sharer = sharers->items[i].pid;
		if (sharers->items[i].running)
			outcome->loose = sharers->items[i].pid;
	}
}

static int seal_once(struct work *w, uint64_t deadline, struct plan *ret_plan)
{
	const struct process *process = w->running->process;
	struct running_outcome *outcome = w->outcome;
	int r;

	*outcome = (struct running_outcome){
		.failed = STEP_STOP, .has_frame = true, .cut_short = outcome->cut_short,
		.stopped_ns = outcome->stopped_ns,
	};
	begin_stop(w);
	r = tracee_stop(&w->tracee, process->tid, process->starttime, deadline);
	if (r < 0) {
		outcome->transferring = w->tracee.transferring;
		if (w->tracee.cut_short.tid)
			outcome->cut_short = w->tracee.cut_short;
		end_stop(w);
		return r;
	}
	worker_set_deadline(w->tracee.deadline);
	note_sharers(outcome, &w->tracee.sharers);
	r = survey_stopped(w);
	if (r == 0) {
		r = backend_seal(&running_backend, w, ret_plan);
		if (r < 0)
			survey_free(w->survey);
	}
	let_go(w);
	return r;
}

int seal_running(const struct running *running, struct survey *ret_survey,
		 struct plan *ret_plan, struct running_outcome *ret_outcome)
{
	uint64_t deadline = clock_now() + running->timeout_ms * NS_PER_MS;
	struct work w = {
		.running = running, .survey = ret_survey, .outcome = ret_outcome,
		.after.arena = ARENA_INIT,
	};
	int r;

	*ret_outcome = (struct running_outcome){ .failed = STEP_STOP };
	do {
		r = seal_once(&w, deadline, ret_plan);
	} while (r == -EAGAIN);
	survey_free(&w.after);
	return r;
}
