/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "backend-ptrace.h"

#include <errno.h>

#include "hold-signals.h"
#include "inject.h"
#include "mseal.h"
#include "processor.h"
#include "tracee.h"

#define NS_PER_MS 1000000ull

/*
 * A plan_seal_fn: mseal in the process that CONTEXT, an injector, is in.  ESRCH,
 * which mseal itself never returns, ends the plan: no further call can be made.
 */
static int seal_remote(void *context, uint64_t start, uint64_t end, unsigned types)
{
	const unsigned long arguments[4] = { start, end - start, mseal_argument(types), 0 };
	long result;
	int r = inject_call(context, __NR_mseal, arguments, &result);

	return r < 0 ? -ESRCH : (int)result;
}

/* Carry out PLAN through INJECTOR, on the processor of its thread. */
static int seal_through(struct injector *injector, struct plan *plan)
{
	struct processors before = { .changed = false };
	const struct tracee_thread *thread = injector->thread;
	struct process p;
	int r, end;

	if (process_read_stat(thread->pid, thread->tid, &p) == 0)
		processor_follow(&before, p.processor);
	r = plan_seal(plan, seal_remote, injector);
	end = inject_end(injector);
	processor_return(&before);
	return r < 0 ? r : end;
}

static int seal_stopped(struct tracee *tracee, struct choice *choice, unsigned types,
			struct survey *survey, struct plan *plan,
			struct ptrace_outcome *outcome)
{
	const struct tracee_thread *reader;
	struct injector injector;
	int r;

	outcome->failed = STEP_READ;
	/* any stopped thread shows the memory; the leader may be a zombie */
	reader = tracee_any_stopped(tracee);
	r = reader ? survey_read(survey, reader->pid, reader->tid, SURVEY_MAPS) : -ESRCH;
	if (r < 0)
		return r;
	if (choice_asks_for_dlopened(choice))
		r = survey_mark_dlopened(survey, reader->pid, reader->tid);
	if (r == 0)
		r = choice_plan(choice, plan, &survey->arena, &survey->regions, types);
	if (r == 0) {
		outcome->failed = STEP_INJECT;
		r = inject_begin(&injector, tracee, &survey->regions);
	}
	if (r == 0) {
		outcome->failed = STEP_CALL;
		outcome->guarded = injector.guarded;
		r = seal_through(&injector, plan);
	}
	if (r < 0)
		survey_free(survey);
	return r;
}

static void note_sharers(struct ptrace_outcome *outcome, const struct sharers *sharers)
{
	outcome->sharers = sharers->count;
	for (size_t i = 0; i < sharers->count; i++) {
		outcome->sharer = sharers->items[i].pid;
		if (sharers->items[i].loose)
			outcome->loose = sharers->items[i].pid;
	}
}

int backend_ptrace_seal(const struct process *process, struct choice *choice, unsigned types,
			uint64_t timeout_ms, struct survey *ret_survey, struct plan *ret_plan,
			struct ptrace_outcome *ret_outcome)
{
	struct held_signals held;
	struct tracee tracee;
	int r;

	*ret_outcome = (struct ptrace_outcome){ .failed = STEP_STOP };
	signals_hold(&held);
	r = tracee_stop(&tracee, process->tid, process->starttime,
			clock_now() + timeout_ms * NS_PER_MS);
	if (r == 0) {
		uint64_t began = tracee.stop_began;

		note_sharers(ret_outcome, &tracee.sharers);
		r = seal_stopped(&tracee, choice, types, ret_survey, ret_plan,
				 ret_outcome);
		tracee_release(&tracee);
		ret_outcome->stopped_ns = clock_now() - began;
	}
	signals_release(&held);
	return r;
}
