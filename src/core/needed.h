/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_NEEDED_H
#define MSEALCTL_NEEDED_H

#include "arena.h"
#include "memory.h"
#include "region.h"

/* What a program starts with besides what it names itself. */
struct needed_roots {
	uint64_t loader;	/* AT_BASE, or 0 */
	const char *preloaded;	/* LD_PRELOAD, or NULL */
};

/*
 * Mark every image of REGIONS as dlopened that is neither in the start-up closure, all
 * that the main program, its loader and ROOTS need directly or not (DT_NEEDED), nor can
 * never be closed (DF_1_NODELETE), nor is needed by such an object.  M is the memory of
 * the process.  Nothing is marked if the main program is not known.
 *
 * Returns 0 or ARENA_FULL.  What cannot be read needs nothing.
 */
int needed_mark(const struct regions *regions, struct arena *arena, const struct memory *m,
		 const struct needed_roots *roots);

#endif
