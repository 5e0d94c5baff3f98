/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "backend-ptrace.h"

#include <errno.h>

#include "hold-signals.h"
#include "inject.h"
#include "mseal.h"
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

static int seal_stopped(struct tracee *tracee, struct choice *choice, unsigned types,
			struct survey *survey, struct plan *plan,
			struct ptrace_outcome *outcome)
{
	struct injector injector;
	int r, end;

	outcome->failed = STEP_READ;
	/* any stopped thread shows the memory; the leader may be a zombie */
	for (size_t i = 0; ; i++) {
		if (i == tracee->count)
			return -ESRCH;
		if (tracee->threads[i].state == THREAD_STOPPED) {
			r = survey_read(survey, tracee->pid, tracee->threads[i].tid, SURVEY_MAPS);
			break;
		}
	}
	if (r < 0)
		return r;
	r = choice_plan(choice, plan, &survey->arena, &survey->regions, types);
	if (r == 0) {
		outcome->failed = STEP_INJECT;
		r = inject_begin(&injector, tracee, &survey->regions);
	}
	if (r == 0) {
		outcome->failed = STEP_CALL;
		outcome->guarded = injector.guarded;
		r = plan_seal(plan, seal_remote, &injector);
		end = inject_end(&injector);
		r = r < 0 ? r : end;
	}
	if (r < 0)
		survey_free(survey);
	return r;
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

		r = seal_stopped(&tracee, choice, types, ret_survey, ret_plan,
				 ret_outcome);
		tracee_release(&tracee);
		ret_outcome->stopped_ns = clock_now() - began;
	}
	signals_release(&held);
	return r;
}
