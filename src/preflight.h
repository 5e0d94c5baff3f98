/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PREFLIGHT_H
#define MSEALCTL_PREFLIGHT_H

#include <limits.h>
#include <stdbool.h>

#include "exit-status.h"
#include "preload.h"

/* Whether COMMAND can be run, and whether ld.so will load the shim into it. */
struct preflight {
	char path[PATH_MAX];	/* what to execute */
	bool by_shell;		/* no "#!", no ELF: /bin/sh runs it, as execvp(3) does */
	unsigned hops;		/* execs between the first program and the one meant */
	enum exit_status status;	/* STATUS_OK, 125, 126 or 127 */
	char object[PATH_MAX];	/* the file at fault: COMMAND, or an interpreter */
	char reason[256];
	char hint[256];		/* "" if there is none */
};

/*
 * Find COMMAND as execvp(3) would, follow "#!" lines, and look for everything for
 * which LD_PRELOAD is ignored without a word.  The answer is in *RET.  A status of
 * 125 means that the program would run, but without the shim; PATH is then valid.
 */
void preflight_check(struct preflight *ret, const char *command, const struct shim *shim);

#endif
