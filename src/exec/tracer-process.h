/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TRACER_PROCESS_H
#define MSEALCTL_TRACER_PROCESS_H

#include <stdbool.h>

#include "choice.h"
#include "diagnose.h"

/*
 * A process that traces us while we become COMMAND, and leads COMMAND through its
 * start-up: it seals what was selected, or only sees to it that the shim has, and
 * ends COMMAND with status 125 before its own code runs if that cannot be.  Then it
 * lets go and is gone.
 */
struct escort {
	struct choice *choice;
	unsigned types;		/* enum seal_type bits */
	bool best_effort;	/* what cannot be sealed runs unsealed */
	const char *object;	/* COMMAND, for messages */
	unsigned hops;		/* execs between the first program and the one meant */
	bool no_trap;		/* debug registers do nothing here, or would unblock SIGTRAP */
	const char *shim;	/* if the shim seals: where it is, without symbolic links */
};

/*
 * Start the escort and wait until it traces us.  It is no child of ours, so that
 * COMMAND will find none; it is killed with COMMAND, and COMMAND with it.
 *
 * Returns 0; or -errno, the reason being in *RET_WHY, and nothing traces us.
 */
int escort_start(struct escort *escort, struct diagnosis *ret_why);

#endif
