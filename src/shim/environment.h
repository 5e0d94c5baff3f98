/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ENVIRONMENT_H
#define MSEALCTL_ENVIRONMENT_H

#include <stdbool.h>

/* What "msealctl exec" asked for; the strings lie in the environment itself. */
struct settings {
	const char *shim;	/* our entry in LD_PRELOAD */
	const char *seal;
	const char *exclude;	/* NULL if there is none */
	char *courier;		/* see audit.h; NULL if there is none */
	unsigned types;		/* enum seal_type bits */
	bool best_effort, inherit, quiet, verbose, defaulted, follow;
};

/*
 * Read the settings out of ENVP.  Returns 0, -ENOENT if there are none: then msealctl
 * did not start this program; or -EINVAL if they are not whole.
 */
int environment_read(char **envp, struct settings *ret);

/*
 * Remove from ENVP our variables and our entries in lists of ld.so, in place: libc has
 * not even begun to use it.  While execs are still to come on the way to the
 * program, count one down instead.
 */
void environment_clean(char **envp);

#endif
