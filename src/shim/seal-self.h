/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SEAL_SELF_H
#define MSEALCTL_SEAL_SELF_H

#include <stdbool.h>

#include "arena.h"
#include "choice.h"
#include "environment.h"
#include "maps.h"
#include "plan.h"
#include "region.h"

/* The five steps, taken by a process for itself.  All memory is in the arena. */
struct seal_self {
	const struct settings *settings;
	struct arena arena;
	struct choice choice;	/* the arena is reserved, and so never sealed */
	struct maps maps;
	struct regions regions;
	struct plan plan;
};

/* Reads into MAPS the rows that may be looked at.  Returns 0, ARENA_FULL or -errno. */
typedef int seal_self_rows_fn(struct maps *maps, struct arena *arena);

/* One that reads all of /proc/self/maps. */
seal_self_rows_fn seal_self_rows;

/* Called with the regions, before there is a plan.  Returns 0, ARENA_FULL or an own value. */
typedef int seal_self_fn(struct seal_self *self, void *context);

/*
 * Parse the lists of SETTINGS, read the maps (by ROWS, if that is not NULL) and the ELF images
 * of this process, and call FN.  Starts over with more memory after ARENA_FULL.
 * Returns what FN returns; -errno; or -ENOEXEC if the program is not recognised.
 */
int seal_self_look(const struct settings *settings, seal_self_rows_fn *rows, seal_self_fn *fn,
		   void *context);

/* Plan for the regions of SELF, a struct seal_self.  Returns as choice_plan(). */
int seal_self_plan(void *self, struct plan *ret);

/*
 * Plan with seal_self_plan(), or a PLAN that uses it, seal, and verify.  Returns 0,
 * ARENA_FULL or -errno.
 */
int seal_self_run(struct seal_self *self, int (*plan)(void *self, struct plan *ret));

/* Write what could not be sealed, and if verbose what was.  Returns whether all is sealed. */
bool seal_self_report(const struct seal_self *self);

#endif
