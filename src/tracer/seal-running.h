/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SEAL_RUNNING_H
#define MSEALCTL_SEAL_RUNNING_H

#include "choice.h"
#include "plan.h"
#include "process.h"
#include "remote-seal.h"
#include "survey.h"
#include "transfer.h"

/* At which step sealing a running process failed. */
enum running_step {
	STEP_STOP,
	STEP_READ,		/* of its maps, while it was stopped, and the plan */
	STEP_CALL,		/* see inject.h */
	STEP_READ_BACK,		/* of the seals, once it had been let go */
};

/* A running process, and what must be sealed of it. */
struct running {
	const struct process *process;
	struct choice *choice;
	unsigned types;
	uint64_t timeout_ms;
	/* read before the stop, with SURVEY_SMAPS, or empty; outlives the plan */
	const struct survey *before;
};

struct running_outcome {
	enum running_step failed;	/* if an error was returned */
	bool partial;			/* after an error, RET_SURVEY and RET_PLAN say what is sealed */
	bool unread;			/* after an error, what is sealed could not be read back */
	uint64_t stopped_ns;		/* from the first interrupt to the last release; of all stops */
	struct remote_calls calls;	/* of the last stop */
	bool has_frame;			/* a rescue frame was there in case we were killed */
	size_t sharers;			/* processes that use the same memory */
	pid_t sharer;			/* one of them; 0 if none */
	pid_t loose;			/* one of them that could not be stopped; 0 if none */
	pid_t uncompared;		/* one that may use the same memory or not; 0 if none */
	/* threads; tid 0 if there is none */
	struct thread_call transferring; /* after -EINPROGRESS: one that a stop would have disturbed */
	struct thread_call ran;		/* one that was not stopped for that reason, and has run */
	struct thread_call cut_short;	/* one whose call the stop has ended early */
};

/*
 * Stop the process of RUNNING and those that share its memory, survey it, plan, make it
 * seal what is planned, let it go, and read back what is sealed.  RET_SURVEY, which
 * RET_PLAN points into, is the caller's to free after success, and if RET_OUTCOME->partial.
 *
 * Returns 0, or -errno with RET_OUTCOME->failed; the process has been let go in any
 * case.  If it executes another program meanwhile, that is sealed instead; -ESTALE if this
 * went on until the timeout.  Signals that ask msealctl to end are acted on before anything
 * is read back.
 */
int seal_running(const struct running *running, struct survey *ret_survey,
		 struct plan *ret_plan, struct running_outcome *ret_outcome);

#endif
