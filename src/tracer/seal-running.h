/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SEAL_RUNNING_H
#define MSEALCTL_SEAL_RUNNING_H

#include "choice.h"
#include "plan.h"
#include "process.h"
#include "survey.h"

/* At which step sealing a running process failed. */
enum ptrace_step {
	STEP_STOP,
	STEP_READ,		/* of its maps, while it was stopped */
	STEP_INJECT,		/* looking for a way to make the call */
	STEP_CALL,		/* it died meanwhile, or could not make the call */
};

struct ptrace_outcome {
	enum ptrace_step failed;	/* if an error was returned */
	uint64_t stopped_ns;		/* from the first interrupt to the last release */
	bool has_frame;			/* a rescue frame was there in case we were killed */
	size_t sharers;			/* processes that use the same memory, */
	pid_t sharer;			/* one of them, */
	pid_t loose;			/* and one that could not be stopped; 0 if none */
};

/*
 * Stop PROCESS and what shares its memory, survey it, plan what CHOICE selects, make it seal that, and let
 * it go.  Every result in PLAN is still to be verified.  SURVEY, which PLAN points
 * into, is the caller's to free after success.
 *
 * Returns 0, or -errno with RET_OUTCOME->failed; the process has been let go in
 * any case.  Signals that tell msealctl to end are acted on before this returns.
 */
int backend_ptrace_seal(const struct process *process, struct choice *choice, unsigned types,
			uint64_t timeout_ms, struct survey *ret_survey, struct plan *ret_plan,
			struct ptrace_outcome *ret_outcome);

#endif
