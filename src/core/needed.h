/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_NEEDED_H
#define MSEALCTL_NEEDED_H

#include "arena.h"
#include "memory.h"
#include "region.h"

/* What a program starts with besides what it needs itself. */
struct needed_roots {
	uint64_t loader;	/* AT_BASE, or 0 */
	const char *preloaded;	/* LD_PRELOAD, or NULL */
};

/* How many entries of dynamic sections are read of one process, and names of LD_PRELOAD. */
#define NEEDED_ENTRIES_MAX (1 << 20)
#define NEEDED_PRELOADED_MAX 64

/*
 * Set DLOPENED_NO in the images of REGIONS that belong to the start of the program,
 * DLOPENED_STAYS in those loaded since that can never be unloaded, and DLOPENED_YES in all
 * others.  To the start belong the main program, its loader, what LD_PRELOAD names, and what
 * any of these needs, directly or not (DT_NEEDED).  What is marked DF_1_NODELETE stays for
 * ever, with what it needs.  M is the memory of the process.  Also set the traits of every
 * image.
 *
 * Returns 0, or with DLOPENED_UNKNOWN left in all of them: ARENA_FULL; -ENOEXEC if the main
 * program is not among the images; -E2BIG if there is more than the two limits allow; the
 * error of a read.
 */
int needed_mark(const struct regions *regions, struct arena *arena, const struct memory *m,
		const struct needed_roots *roots);

#endif
