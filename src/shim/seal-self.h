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

/* The steps of the design, taken by a process for itself; all of it lies in the arena. */
struct self {
	const struct settings *settings;
	struct arena arena;
	struct choice choice;	/* never of the arena itself */
	struct maps maps;
	struct regions regions;
	struct plan plan;
};

/* Which of the maps are looked at; the others are removed. */
typedef void self_maps_fn(struct maps *maps);

/* What is to be done with what was seen: the regions are there, the plan is not yet. */
typedef int self_fn(struct self *self, void *context);

/*
 * Read the lists of SETTINGS, the maps (all, if KEEP is NULL) and the ELF images of this
 * process, and call FN.  Starts over with more memory where it, or FN, returns ARENA_FULL.
 * Returns what FN returns, or -errno.
 */
int self_look(const struct settings *settings, self_maps_fn *keep, self_fn *fn, void *context);

/* A plan for the regions of a struct self, less what is our own.  Returns 0 or ARENA_FULL. */
int self_plan(void *self, struct plan *ret);

/*
 * Plan with self_plan(), or a PLAN that uses it, carry the plan out and settle all its
 * results.  Returns 0, ARENA_FULL or -errno.
 */
int self_seal(struct self *self, int (*plan)(void *self, struct plan *ret));

/* Say what was done and what was not.  Returns whether all of it was. */
bool self_report(const struct self *self);

#endif
