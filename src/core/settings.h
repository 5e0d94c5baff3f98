/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SETTINGS_H
#define MSEALCTL_SETTINGS_H

#include <stdbool.h>

#include "arena.h"

/*
 * What "msealctl exec" asks of the shim.  It travels in environment variables, which are
 * private to the two: the shim removes them before the program sees them.
 */
struct settings {
	const char *shim;	/* its path, our entry in LD_PRELOAD */
	const char *pin;	/* COMMAND's entry, if it is another one: see shim_file_pin() */
	const char *seal;	/* LIST */
	const char *exclude;	/* LIST, or NULL */
	const char *audit;	/* to follow dlopen(3): our entry in LD_AUDIT; else NULL */
	const char *tunable;	/* and the one in GLIBC_TUNABLES, or NULL */
	const char *callbacks;	/* and where the auditor has its own: see shim/follow/audit.h */
	unsigned types;		/* enum seal_type bits */
	/*
	 * Further execs on the way to the program, at most 9: a script that begins with
	 * "#!/usr/bin/env" has one.  Each shim counts them down, and leaves everything in
	 * place until there is none.
	 */
	unsigned execs_ahead;
	bool is_child;		/* with --inherit: this program is not COMMAND, but a later one */
	bool best_effort, inherit, quiet, verbose;
	bool defaulted;		/* --seal was not given: its default need not match everything */
};

/* One digit, or this letter. */
#define SETTING_EXECS   "MSEALCTL_SHIM_EXECS"
#define SETTING_IS_CHILD 'c'
/* An address in hexadecimal; audit.c finds it by its name alone. */
#define SETTING_CALLBACKS "MSEALCTL_SHIM_CALLBACKS"
#define SETTING_CALLBACKS_UNKNOWN "0000000000000000"

/*
 * With --inherit, where COMMAND's own LD_PRELOAD names a pin: the LD_PRELOAD for the children
 * of COMMAND.  The shim removes the former, and cuts the prefix off this.
 */
#define SETTING_PREFIX "MSEALCTL_SHIM_"
#define SETTING_PRELOAD SETTING_PREFIX "LD_PRELOAD"
#define SETTING_PIN SETTING_PREFIX "PIN"

/* All the variables, whatever is in them. */
#define SETTINGS_COUNT 10
extern const char *const settings_names[SETTINGS_COUNT];

/*
 * Write S as "NAME=VALUE", one string for each variable that it needs, NULL at the end.
 * Returns 0 or ARENA_FULL.
 */
int settings_encode(const struct settings *s, struct arena *arena,
		    char *ret[SETTINGS_COUNT + 1]);

/*
 * Read them out of ENVP; the strings stay where they are.  Returns 0; -ENOENT if there are
 * none, as msealctl did not start this program; -EINVAL if they are damaged.
 */
int settings_decode(char **envp, struct settings *ret);

/* The value of VARIABLE, "NAME=VALUE", if it has this NAME; else NULL. */
char *settings_value(char *variable, const char *name);

#endif
