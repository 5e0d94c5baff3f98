/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PREFLIGHT_H
#define MSEALCTL_PREFLIGHT_H

#include <limits.h>
#include <stdbool.h>

#include "way.h"

/* What can be known of COMMAND before it is run. */
struct preflight {
	int error;		/* why it cannot be run, an errno; or 0, and all of this holds: */
	bool by_shell;		/* no ELF, no "#!" to follow: /bin/sh runs it, as execvp(3) does */
	unsigned execs_ahead;	/* after the first program, up to the one meant */
	bool gains_privileges;	/* AT_SECURE: setuid and the like */
	enum obstacle obstacle;	/* the worst on the way to the one meant */
	char path[PATH_MAX];	/* what to execute */
	char elf[PATH_MAX];	/* the program meant, as far as it was followed */
	/* of an error or an obstacle */
	char object[PATH_MAX];	/* the file at fault: COMMAND, or an interpreter */
	char loader[PATH_MAX];	/* its loader */
};

/*
 * Find COMMAND as execvp(3) would, follow "#!" lines, and look for everything that makes a
 * loader ignore LD_PRELOAD without a word.  The answer is in *RET, all zeroes before.
 */
void preflight_check(struct preflight *ret, const char *command);

#endif
