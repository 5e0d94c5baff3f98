/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SURVEY_H
#define MSEALCTL_SURVEY_H

#include "arena.h"
#include "maps.h"
#include "region.h"
#include "select.h"

/* Everything read of one process: its VMAs, its ELF images, its regions. */
struct survey {
	struct arena arena;	/* holds all of it, and what is planned from it */
	struct maps maps;
	struct regions regions;
};

enum survey_source {
	SURVEY_MAPS,		/* fast, knows no seals: for a stopped process */
	SURVEY_SMAPS,		/* seals too, in the same pass */
};

/*
 * Read process PID through its thread TID (any that is alive), and classify.
 * Returns 0 or -errno; -ENODATA if it has no memory (a kernel thread, or gone).
 */
int survey_read(struct survey *ret, int pid, int tid, enum survey_source source);

/*
 * Tell which objects of SURVEY, of process PID, were loaded after its start (needed.h).
 * That takes some reads of its memory, so it is done only where somebody asks.
 * Returns 0 or -errno.
 */
int survey_mark_dlopened(const struct survey *survey, int pid, int tid);

void survey_free(struct survey *survey);

/*
 * Only the rows, with their seals, of smaps; RET is freed with ARENA, which is
 * mapped here.  Returns as survey_read().
 */
int survey_read_seals(struct maps *ret, struct arena *arena, int pid, int tid);

#endif
