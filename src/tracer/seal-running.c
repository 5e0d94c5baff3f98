/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "seal-running.h"

#include <errno.h>

#include "clock.h"
#include "inject.h"
#include "remote-seal.h"
#include "signals.h"
#include "tracee.h"

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
	if (!reader)
		return -ESRCH;
	r = survey_read(survey, reader->pid, reader->tid,
			choice_asks_for_dlopened(choice) ? SURVEY_DLOPENED : SURVEY_MAPS);
	if (r < 0)
		return r;
	r = choice_plan(choice, plan, &survey->arena, &survey->regions, types);
	if (r == 0 && plan_count(plan, PLAN_WOULD_SEAL) == 0) {
		outcome->has_frame = true;
		return 0;
	}
	if (r == 0) {
		outcome->failed = STEP_INJECT;
		r = inject_begin(&injector, tracee, &survey->regions);
	}
	if (r == 0) {
		outcome->failed = STEP_CALL;
		outcome->has_frame = injector.has_frame;
		r = remote_seal(&injector, plan);
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
		if (sharers->items[i].running)
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
