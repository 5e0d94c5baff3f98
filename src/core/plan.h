/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PLAN_H
#define MSEALCTL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "line.h"
#include "maps.h"
#include "region.h"
#include "select.h"

/* What was done with one range, or would be; the words of the RESULT column. */
enum plan_result {
	PLAN_WOULD_SEAL,	/* not sealed yet */
	PLAN_SKIPPED,		/* must not be sealed, see the region's blocker */
	PLAN_FAILED,		/* mseal failed, or the seal was not there afterwards */
	PLAN_SEALED,		/* read back as sealed, and was not before */
	PLAN_ALREADY,		/* was sealed before */
	PLAN_RESULT_COUNT,
};

extern const char *const plan_result_names[PLAN_RESULT_COUNT];

/* A selected range inside a single VMA. */
struct plan_item {
	uint64_t start;
	uint64_t end;
	const struct region *region;
	enum plan_result result;
	int error;		/* of mseal, -errno; 0 if it claimed success */
	const char *no_call;	/* why it may not have been called at all, or NULL */
	bool replaced;		/* when read back, it was no mapping of that file any more */
	enum seal_state seal;	/* as last read from smaps */
	unsigned types;		/* of that seal */
	unsigned wanted;	/* seal types asked for */
};

struct plan {
	struct plan_item *items;	/* ascending, not overlapping, page aligned */
	size_t count;
	size_t capacity;
	unsigned types;		/* seal types wanted */
};

/* A range that is never planned: the planner's own memory, inside the shim. */
struct plan_reserved {
	uint64_t start, end;
};

/*
 * What SELECTION less EXCLUDE (may be NULL) means for REGIONS.  RESERVED may be
 * NULL.  Items whose VMA is known to have all of TYPES are ALREADY.
 * Returns 0 or ARENA_FULL.
 */
int plan_build(struct plan *ret, struct arena *arena, const struct regions *regions,
	       struct selection *selection, struct selection *exclude,
	       const struct plan_reserved *reserved, unsigned types);

/*
 * Call mseal(2) for [START, END).  Returns 0 if the call was made, its result (0 or
 * -errno) being in *RET_ERROR; or -errno, why neither this nor another can be made.
 */
typedef int plan_seal_fn(void *context, uint64_t start, uint64_t end, unsigned types,
			 int *ret_error);

/*
 * Seal every item that is neither SKIPPED nor ALREADY, and note each error.  One call
 * serves a run of neighbours; if it fails, each of them gets its own.  A run never spans
 * what is sealed already: Linux 6.17 to 6.19 take a wrong range if a VMA that they seal
 * merges with a sealed one behind it ("mm/mseal: update VMA end correctly on merge").
 *
 * Results change only in plan_verify(): a call that returned 0 has proved nothing.
 * Returns 0, or at once what SEAL returns if no call can be made.
 */
int plan_seal(struct plan *plan, plan_seal_fn *seal, void *context);

/* Settle every result from MAPS, a smaps of the process read after the calls. */
void plan_verify(struct plan *plan, const struct maps *maps);

/*
 * After plan_verify() with MAPS: what is a mapping of another file by now, or of none, is FAILED
 * and not sealed.  Only if the plan was made of the kernel's maps too, which name the files.
 */
void plan_note_replaced(struct plan *plan, const struct maps *maps);

/* Mark as ALREADY what MAPS, a smaps of the process read before, shows sealed; and no other. */
void plan_note_already(struct plan *plan, const struct maps *maps);

/* How many calls plan_seal() makes if none fails. */
size_t plan_calls(const struct plan *plan);

/* After an error of plan_seal(): items that are FAILED without one of their own are for REASON. */
void plan_note_no_call(struct plan *plan, const char *reason);

/* Is there an error for each item that is FAILED? */
bool plan_is_explained(const struct plan *plan);

/* Why ITEM was skipped or has failed, a sentence; "" otherwise. */
const char *plan_item_reason(const struct plan_item *item);

/*
 * Append what was done with ITEM: "sealed 0x1000-0x2000 (text of /lib/x.so)", or "already
 * sealed" or "cannot seal" and the reason; the reason alone if no range can be sealed.
 */
void plan_item_line(const struct plan_item *item, struct line *line);

enum plan_message {
	PLAN_VERBOSE,
	PLAN_WARNING,
	PLAN_ERROR,
};

typedef void plan_say_fn(void *context, enum plan_message message,
			 const struct plan_item *item);

/*
 * Report the items of PLAN through SAY.  Without BEST_EFFORT, the program ends: of what
 * could not be sealed, the first is enough.  What keeps all ranges from being sealed is
 * reported once.  Returns whether all is sealed.
 */
bool plan_report(const struct plan *plan, bool best_effort, plan_say_fn *say, void *context);

/* How many items have RESULT. */
size_t plan_count(const struct plan *plan, enum plan_result result);

#endif
