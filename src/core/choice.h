/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CHOICE_H
#define MSEALCTL_CHOICE_H

#include <errno.h>

#include "arena.h"
#include "plan.h"
#include "select.h"

/* --seal and --exclude, parsed. */
struct choice {
	struct selection selection;
	struct selection exclude;	/* no terms without --exclude */
	struct plan_reserved reserved;	/* never sealed, whatever the lists select */
	bool defaulted;			/* --seal was not given */
	void *memory;			/* of the terms, if they lie on the heap */
};

/*
 * Parse the lists, which must outlive RET.  SEAL is NULL for the default, EXCLUDE for none.
 * Returns 0, -EINVAL with *RET_ERROR filled in, or ARENA_FULL.
 */
int choice_parse(struct choice *ret, struct arena *arena, const char *seal,
		 const char *exclude, struct select_error *ret_error);

/* Does a term depend on which objects are dlopened? */
bool choice_asks_for_dlopened(const struct choice *choice);

/* What CHOICE depends on and is not known of REGIONS, or NULL. */
const struct gap *choice_gap(const struct choice *choice, const struct regions *regions);

/* What choice_plan() returns when there is a choice_gap(). */
#define CHOICE_UNKNOWN (-ENOMSG)

/*
 * A plan for REGIONS, in ARENA; counts the hits of each term anew.  Returns as plan_build(),
 * or CHOICE_UNKNOWN.
 */
int choice_plan(struct choice *choice, struct plan *ret, struct arena *arena,
		const struct regions *regions, unsigned types);

/* The last plan does not count: nothing of it was carried out. */
void choice_forget(struct choice *choice);

/* Has --exclude a term that must match (term_must_match()), and has in no plan so far? */
bool choice_lacks_excluded(const struct choice *choice);

/* A term that matched nothing in the last plan. */
struct choice_miss {
	size_t pos;		/* 0 before the first; where to go on */
	const char *option;	/* "--seal" or "--exclude" */
	const struct term *term;
	bool is_mistake;	/* by term_must_match() */
};

/*
 * The next miss of --seal, if that was given, or of --exclude, there only mistakes: false
 * if there is none.  FOLLOWS: see term_must_match().
 */
bool choice_next_miss(const struct choice *choice, bool follows, struct choice_miss *miss);

#endif
