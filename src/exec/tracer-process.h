/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TRACER_PROCESS_H
#define MSEALCTL_TRACER_PROCESS_H

#include <stdbool.h>

#include "choice.h"
#include "diagnose.h"

/*
 * A process that traces msealctl while it becomes COMMAND, and then COMMAND during its
 * start-up.  It seals what was selected, or only checks that the shim has, and ends
 * COMMAND with status 125 before its own code runs if that fails.  Then it detaches and
 * exits.
 */
struct tracer_process {
	struct choice *choice;
	unsigned types;		/* enum seal_type bits */
	bool best_effort;	/* what cannot be sealed runs unsealed */
	const char *object;	/* COMMAND, for messages */
	unsigned execs_ahead;	/* between the first program and COMMAND */
	/*
	 * COMMAND blocks or ignores SIGTRAP: a trap would end it, or reset what SIGTRAP does.
	 * Set by tracer_process_start().
	 */
	bool holds_sigtrap;
	const char *shim;	/* if that seals: its path, without symbolic links */
};

/*
 * Start the tracer, and wait until it traces this process.  It is no child of this
 * process, so that COMMAND will find none; if it is killed, COMMAND is too.
 *
 * Returns 0; or -errno, with the reason in *RET_WHY, and nothing traces this process.
 */
int tracer_process_start(struct tracer_process *tracer, struct diagnosis *ret_why);

#endif
