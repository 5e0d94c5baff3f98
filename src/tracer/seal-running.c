/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "seal-running.h"

#include <errno.h>
#include <string.h>

#include "backend.h"
#include "clock.h"
#include "frozen.h"
#include "gadgets-remote.h"
#include "inject.h"
#include "privileges.h"
#include "processor.h"
#include "remote-regs.h"
#include "remote-seal.h"
#include "signals.h"
#include "tracee.h"
#include "worker.h"

/* How long to wait until a thread that runs waits for something, or is seen not to. */
#define PATIENCE_BUSY NS_PER_S

/* What the steps of the backend share. */
struct work {
	const struct running *running;
	struct survey *survey;
	struct running_outcome *outcome;
	struct gadgets gadgets;	/* where they were before the stop, if searched */
	bool searched;
	struct plan plan;	/* made before the stop of what was read then, if planned */
	bool planned;		/* as far as is known, the plan holds */
	struct tracee tracee;
	struct held_signals held;
	struct processors own, workers;	/* before the stop */
	uint64_t deadline;	/* of all waiting */
	uint64_t patience;	/* of waiting for a process that is only busy */
	bool stopped;		/* it is stopped, and signals are held */
	/*
	 * It has executed another program since it was surveyed, or could not be: all is read
	 * while it is stopped, as it may do so again.
	 */
	bool executed;
	bool unchained;		/* a chain has failed: make the calls one by one, for the reasons */
	struct survey after;	/* what was read back after that chain */
	/* the last for which calls were begun before an error, whose seals stay */
	struct survey begun;
	struct plan begun_plan;
	bool begun_executed;
};

static int plan_stopped(void *context, struct plan *ret)
{
	struct work *w = context;
	const struct running *running = w->running;
	int r = 0;

	if (w->planned)
		*ret = w->plan;
	else
		r = choice_plan(running->choice, ret, &w->survey->arena, &w->survey->regions,
				running->types);
	/* its loader may have to map what is selected */
	if (r == 0 && w->executed && ret->count == 0 && clock_now() < w->patience)
		r = -ESTALE;
	/* seals stay: what was sealed before needs no call */
	if (r == 0 && (!w->planned || w->unchained))
		plan_note_already(ret, w->executed ? &w->survey->maps :
				  w->unchained ? &w->after.maps : &running->before->maps);
	return r;
}

/* The process was not to be found: it has exited, or executes a program just now. */
static int gone_or_executing(const struct process *process)
{
	struct process now;

	return process_lives(process->tid, &now) && now.starttime == process->starttime ?
	       -ESTALE : -ESRCH;
}

/*
 * What ERROR means for the process, with a thread that was stopped: if the thread is gone,
 * another, that was not seen, has taken the place of all that are stopped by execve(2).
 */
static int gone_or_error(const struct work *w, const struct tracee_thread *stopped, int error)
{
	remote_regs regs;

	return remote_regs_get(stopped->tid, &regs) < 0 ?
	       gone_or_executing(w->running->process) : error;
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
	r = inject_begin(&injector, &w->tracee, &w->survey->regions,
			 w->executed || w->unchained ? NO_CHAIN : remote_seal_wish(plan),
			 &w->gadgets);
	if (r == -ENOTSUP)
		r = gone_or_error(w, tracee_any_stopped(&w->tracee), r);
	if (r < 0)
		return r;
	w->outcome->has_frame = injector.has_frame;
	return remote_seal(&injector, plan, &w->outcome->calls);
}

/*
 * All that takes part in the stop runs in turn, so it runs where the target did last: each
 * call of the worker takes a fifth of the time that it takes to wake another processor.
 */
static void begin_stop(struct work *w)
{
	int processor = w->running->process->processor;

	signals_hold(&w->held);
	privileges_begin();
	processor_follow(&w->own, 0, processor);
	processor_follow_worker(&w->workers, processor);
	w->stopped = true;
}

static void end_stop(struct work *w)
{
	processor_return(&w->workers);
	processor_return(&w->own);
	privileges_end();
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
		w->outcome->ran = (struct thread_call){
			.tid = ran->tid, .name = ran->transfer.name,
		};
	if (w->tracee.cut_short.tid)
		w->outcome->cut_short = w->tracee.cut_short;
	worker_set_deadline(UINT64_MAX);
	tracee_release(&w->tracee);
	w->outcome->stopped_ns += w->tracee.stop_ended - w->tracee.stop_began;
	end_stop(w);
}

/* Survey the process while it is stopped: any stopped thread shows the memory. */
static int survey_by(const struct work *w, const struct tracee_thread *reader,
		     struct survey *ret, unsigned parts)
{
	int r = survey_read(ret, reader->pid, reader->tid, parts);

	return r == -ENODATA || r == -ESRCH || r == -EFAULT ? gone_or_error(w, reader, r) : r;
}

/* Read the rows again, once the process has been let go. */
static int survey_released(const struct process *process, struct survey *ret)
{
	struct process leader;
	int r = survey_process(ret, process->tid, SURVEY_SMAPS | SURVEY_ROWS, &leader);

	if (r < 0)
		return r == -ESRCH ? gone_or_executing(process) : r;
	/* it may have ended since, and its number may be another's */
	if (leader.starttime == process->starttime)
		return 0;
	survey_free(ret);
	return -ESRCH;
}

/* Read the rows again: smaps is slow to make, so normally once the process runs again. */
static int survey_after(struct work *w, struct survey *ret)
{
	const struct tracee_thread *reader = tracee_any_stopped(&w->tracee);

	if (w->executed)
		return reader ? survey_by(w, reader, ret, SURVEY_SMAPS | SURVEY_ROWS) : -ESRCH;
	let_go(w);
	return survey_released(w->running->process, ret);
}

/* For the report. */
static void complete_regions(const struct work *w, struct regions *regions)
{
	if (!choice_asks_for_dlopened(w->running->choice))
		regions_copy_dlopened(regions, &w->running->before->regions);
}

/*
 * If rows are open that no call is known to have failed for, they were called for in a chain,
 * or another program runs by now.
 */
static int read_back(void *context, struct plan *plan)
{
	struct work *w = context;
	struct survey after;
	int r;

	w->outcome->failed = STEP_READ_BACK;
	r = survey_after(w, &after);
	if (r < 0)
		return r;
	if (w->unchained && !w->executed)
		plan_note_already(plan, &w->running->before->maps);
	plan_verify(plan, &after.maps);
	plan_note_replaced(plan, &after.maps);
	if (!w->executed && !plan_is_explained(plan)) {
		r = w->outcome->calls.chained > 0 ? -EAGAIN : -ESTALE;
		w->unchained = w->unchained || r == -EAGAIN;
	}
	if (r == 0 && !w->executed)
		complete_regions(w, &w->survey->regions);
	if (r == -EAGAIN)
		w->after = after;
	else
		survey_free(&after);
	return r;
}

/* What was planned ahead does not hold, or is not needed. */
static void drop_plan(struct work *w)
{
	if (!w->planned)
		return;
	choice_forget(w->running->choice);
	survey_free(w->survey);
	w->planned = false;
}

static const struct backend running_backend = {
	.plan = plan_stopped,
	.seal = seal_stopped,
	.verify = read_back,
};

/* Another one for each program that is executed, unless that is switched off (setarch -R). */
static uint64_t stack_end(const struct maps *maps)
{
	for (size_t i = maps->count; i-- > 0; )
		if (strcmp(maps->vmas[i].name, "[stack]") == 0)
			return maps->vmas[i].end;
	return 0;
}

/*
 * Before the stop: plan what was read, and look for the instructions that it needs.  Of a
 * 32-bit program there will be others.
 */
static void plan_ahead(struct work *w)
{
	const struct running *running = w->running;
	struct chain_wish wish;
	bool reads = w->executed || choice_asks_for_dlopened(running->choice);

	w->planned = !reads && survey_share(w->survey, running->before) == 0;
	if (w->planned &&
	    choice_plan(running->choice, &w->plan, &w->survey->arena, &w->survey->regions,
			running->types) < 0)
		drop_plan(w);
	if (w->searched)
		return;
	w->searched = true;
	wish = w->planned ? remote_seal_wish(&w->plan) : NO_CHAIN;
	/* as choose_insn() of inject.c will search; not planned: what is needed is not known */
	gadgets_find_remote(&w->gadgets, running->process->tid, &running->before->regions,
			    remote_abi_at(UINT64_MAX),
			    !w->planned || (wish.calls > 0 && !wish.third));
	/* asked again in the stop: here it finds the place where cgroups are mounted */
	process_frozen(running->process->tid);
}

static int survey_stopped(struct work *w)
{
	/* the leader may be a zombie */
	const struct tracee_thread *reader = tracee_any_stopped(&w->tracee);
	bool dlopened = w->executed || choice_asks_for_dlopened(w->running->choice);
	int r;

	w->outcome->failed = STEP_READ;
	if (reader && w->planned &&
	    survey_is_current(w->running->before, reader->pid, reader->tid))
		return 0;
	drop_plan(w);
	if (!reader)
		return -ESRCH;
	r = survey_by(w, reader, w->survey, (w->executed ? SURVEY_SMAPS : SURVEY_MAPS) |
		      (dlopened ? SURVEY_DLOPENED : SURVEY_MAPS));
	if (r < 0 || w->executed ||
	    stack_end(&w->survey->maps) == stack_end(&w->running->before->maps))
		return r;
	survey_free(w->survey);
	return -ESTALE;
}

static void note_sharers(struct running_outcome *outcome, const struct sharers *sharers)
{
	for (size_t i = 0; i < sharers->count; i++) {
		const struct sharer *sharer = &sharers->items[i];

		if (sharer->unknown) {
			outcome->uncompared = sharer->pid;
			continue;
		}
		outcome->sharers++;
		outcome->sharer = sharer->pid;
		if (sharer->running)
			outcome->loose = sharer->pid;
	}
}

/* After an error: keep the survey and PLAN if calls were begun, see tell_begun(). */
static void end_survey(struct work *w, const struct plan *plan)
{
	if (w->outcome->calls.singles + w->outcome->calls.chained == 0) {
		survey_free(w->survey);
		return;
	}
	survey_free(&w->begun);
	w->begun = *w->survey;
	w->begun_plan = *plan;
	w->begun_executed = w->executed;
}

static int seal_once(struct work *w, struct plan *ret_plan)
{
	const struct process *process = w->running->process;
	struct running_outcome *outcome = w->outcome;
	int r;

	*outcome = (struct running_outcome){
		.failed = STEP_STOP, .has_frame = true, .cut_short = outcome->cut_short,
		.stopped_ns = outcome->stopped_ns,
	};
	worker_set_deadline(w->deadline);
	plan_ahead(w);
	begin_stop(w);
	r = tracee_stop(&w->tracee, process, w->deadline, w->patience);
	if (r < 0) {
		worker_set_deadline(UINT64_MAX);
		drop_plan(w);
		outcome->transferring = w->tracee.transferring;
		if (w->tracee.cut_short.tid)
			outcome->cut_short = w->tracee.cut_short;
		end_stop(w);
		return r == -ESRCH ? gone_or_executing(process) : r;
	}
	worker_set_deadline(w->tracee.deadline);
	note_sharers(outcome, &w->tracee.sharers);
	r = survey_stopped(w);
	if (r == 0) {
		r = backend_seal(&running_backend, w, ret_plan);
		if (r < 0)
			end_survey(w, ret_plan);
	}
	let_go(w);
	return r;
}

/* Nothing more will be done, because of ERROR: read back what was sealed until then. */
static void tell_begun(struct work *w, int error, struct plan *ret_plan)
{
	struct running_outcome *outcome = w->outcome;
	struct plan *plan = &w->begun_plan;
	struct survey after;
	int r = survey_released(w->running->process, &after);

	if (r < 0) {
		/* with the process, or its program, the seals are gone */
		outcome->unread = r != -ESRCH && r != -ENODATA && r != -ESTALE;
		return;
	}
	outcome->partial = stack_end(&after.maps) == stack_end(&w->begun.maps);
	if (outcome->partial) {
		plan_note_already(plan, w->begun_executed ? &w->begun.maps :
				  &w->running->before->maps);
		plan_verify(plan, &after.maps);
		plan_note_replaced(plan, &after.maps);
		plan_note_no_call(plan, outcome->failed == STEP_CALL ? inject_reason(error) :
				  "the reason could not be found out");
		if (!w->begun_executed)
			complete_regions(w, &w->begun.regions);
		*w->survey = w->begun;
		*ret_plan = *plan;
		w->begun = (struct survey){ .arena = ARENA_INIT };
	}
	survey_free(&after);
}

int seal_running(const struct running *running, struct survey *ret_survey,
		 struct plan *ret_plan, struct running_outcome *ret_outcome)
{
	uint64_t began = clock_now();
	struct work w = {
		.running = running, .survey = ret_survey, .outcome = ret_outcome,
		.deadline = began + running->timeout_ms * NS_PER_MS,
		.patience = began + PATIENCE_BUSY, .after.arena = ARENA_INIT,
		.begun.arena = ARENA_INIT, .executed = running->before->maps.count == 0,
	};
	int r;

	*ret_outcome = (struct running_outcome){ .failed = STEP_STOP };
	do {
		r = seal_once(&w, ret_plan);
		if (r == -ETIMEDOUT && w.executed && w.outcome->failed == STEP_STOP)
			r = -ESTALE;
		w.executed = w.executed || r == -ESTALE;
	} while (r == -EAGAIN || (r == -ESTALE && clock_now() < w.deadline && !signals_ending()));
	if (r < 0 && w.begun.arena.base)
		tell_begun(&w, r, ret_plan);
	survey_free(&w.begun);
	survey_free(&w.after);
	return r;
}
