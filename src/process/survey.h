/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SURVEY_H
#define MSEALCTL_SURVEY_H

#include <stdbool.h>

#include "arena.h"
#include "auxv.h"
#include "heads.h"
#include "maps.h"
#include "process.h"
#include "region.h"

/* Everything read of one process: its VMAs, its ELF images, its regions. */
struct survey {
	struct arena arena;	/* holds all of it, and what is planned from it */
	struct maps maps;
	struct regions regions;
	const char *failed;	/* what could not be read, after an error: "its memory" */

	/* with SURVEY_KEEP: what survey_is_current() compares */
	struct arena rows;	/* the text of maps; empty if it is not to be compared */
	struct auxv auxv;
	const struct head_group *heads;
};

/* What to read of it, as bits. */
enum survey_part {
	SURVEY_MAPS = 0,		/* maps and ELF headers, without seals */
	SURVEY_SMAPS = 1 << 0,		/* smaps in place of maps: seals; slower */
	SURVEY_DLOPENED = 1 << 1,	/* which objects were loaded after the start: needed.h */
	SURVEY_STARTING = 1 << 2,	/* it is starting: nothing was dlopened; no gap is allowed */
	SURVEY_ROWS = 1 << 3,		/* only the rows: no ELF headers, no regions */
	SURVEY_KEEP = 1 << 4,		/* keep the text of maps for survey_is_current() */
};

/*
 * Read process PID through its thread TID (any that is alive), and classify.  PARTS are
 * bits of enum survey_part.
 * Returns 0 or -errno; -ENODATA if it has no memory (a kernel thread, or gone, or
 * its maps are empty); -EBADMSG if maps or smaps are not as the kernel writes them;
 * -EFBIG if it needs more than 1 GiB of memory; or an error of worker_call().  What
 * else cannot be read leaves a gap in RET->regions; with SURVEY_STARTING it is an error.
 */
int survey_read(struct survey *ret, pid_t pid, pid_t tid, unsigned parts);

/*
 * The same through a thread that is looked for; what /proc says of the process is in
 * RET_PROCESS.  Returns as process_find_reader() and survey_read().
 */
int survey_process(struct survey *ret, pid_t pid, unsigned parts, struct process *ret_process);

/*
 * Would all that SURVEY has, but for seals and what SURVEY_DLOPENED reads, be the same if
 * the stopped thread TID of PID were surveyed?  Takes a third of the time.  False, too, if that
 * cannot be seen.
 */
bool survey_is_current(const struct survey *survey, pid_t pid, pid_t tid);

/* A survey with the rows and regions of FROM, which must outlive it.  Returns 0 or -errno. */
int survey_share(struct survey *ret, const struct survey *from);

/* Harmless on a survey that was never read, if it was initialised: { .arena = ARENA_INIT }. */
void survey_free(struct survey *survey);
#define cleanup_survey __attribute__((cleanup(survey_free)))

#endif
