/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CHOICE_H
#define MSEALCTL_CHOICE_H

#include "arena.h"
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
 * Parse SEAL, the list of --seal (NULL: the default one), and EXCLUDE, that of --exclude
 * (NULL: none), which must outlive RET.  Returns 0, or -errno after a message that names
 * the wrong term.
 */
int choice_parse(struct choice *ret, const char *seal, const char *exclude);

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
