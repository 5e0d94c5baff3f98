/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CHOICE_H
#define MSEALCTL_CHOICE_H

#include "arena.h"
#include "options.h"
#include "plan.h"
#include "select.h"

/* --seal and --exclude, parsed. */
struct choice {
	struct arena arena;		/* on the heap: small, and needs no page of its own there */
	struct selection selection;
	struct selection exclude;	/* no terms if there is none */
	bool defaulted;			/* --seal was not given */
};

/*
 * Parse the lists of OPTIONS.  Returns 0, or -errno after saying which term is
 * bad, and what is known.
 */
int choice_parse(struct choice *ret, const struct options *options);

/* Does it make a difference to CHOICE which objects are dlopened? */
bool choice_asks_for_dlopened(const struct choice *choice);

void choice_free(struct choice *choice);

/* A plan for REGIONS, in ARENA; returns as plan_build(). */
int choice_plan(struct choice *choice, struct plan *ret, struct arena *arena,
		const struct regions *regions, unsigned types);

/*
 * Say which of the terms that the user wrote have matched nothing, and forget
 * the hits.  Returns how many there were.
 */
size_t choice_report_misses(struct choice *choice, int pid, bool as_error);


#endif
