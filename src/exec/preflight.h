/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PREFLIGHT_H
#define MSEALCTL_PREFLIGHT_H

#include <limits.h>
#include <stdbool.h>

#include "exit-status.h"

/* Whether the loader of a program will load the shim; the worst of a chain of programs counts. */
enum shim_fate {
	SHIM_LOADED,
	SHIM_DOUBTFUL,		/* it may be left out, and nobody would be told */
	SHIM_IGNORED,
};

/* What can be known of COMMAND before it is run. */
struct preflight {
	bool by_shell;		/* no "#!", no ELF: /bin/sh runs it, as execvp(3) does */
	unsigned hops;		/* execs between the first program and the one meant */
	bool secure;		/* it gains privileges (AT_SECURE): setuid and the like */
	enum exit_status status;	/* STATUS_OK; 125, 126 or 127: no way leads into it */
	enum shim_fate fate;
	char path[PATH_MAX];	/* what to execute */
	/* of a status or a fate that is not the best one */
	char object[PATH_MAX];	/* the file at fault: COMMAND, or an interpreter */
	char reason[PATH_MAX + 256];
	char hint[256];		/* "" if there is none */
};

/*
 * Find COMMAND as execvp(3) would, follow "#!" lines, and look for everything for
 * which LD_PRELOAD is ignored without a word.  The answer is in *RET, all zeroes
 * before.  A status of 125 means that the program would run, but that nothing can be
 * known of it.
 */
void preflight_check(struct preflight *ret, const char *command);

/*
 * For those who look: COMMAND must not be run, or nothing can be known of it, for REASON;
 * HINT is "" if there is none.  Always false, for their callers.
 */
bool preflight_refuse(struct preflight *p, enum exit_status status, const char *object,
		      const char *reason, const char *hint);

/* The same with 126 or 127 and the reason that ERROR, an errno, is. */
bool preflight_refuse_errno(struct preflight *p, const char *object, int error);

/* The loader will not, or may not, load the shim, for REASON. */
void preflight_set_fate(struct preflight *p, enum shim_fate fate, const char *object,
			const char *reason, const char *hint);

#endif
