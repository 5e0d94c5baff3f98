/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_NEAREST_H
#define MSEALCTL_NEAREST_H

#include <stddef.h>

/* Which of the words offered is nearest to one that was mistyped. */
struct nearest {
	const char *word;	/* set by the caller, the rest 0 */
	const char *best;	/* NULL: none is near enough to be meant */
	size_t distance;	/* of the best */
};

/*
 * Consider CANDIDATE.  The distance is the number of letters to insert, to delete, to
 * replace, or to swap with the next one; case does not count, and an abbreviation counts
 * as one letter.  As many as a third of the letters of the word may be wrong.
 */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* Ask in a hint whether the best was meant, if there is one. */
void nearest_hint(const struct nearest *nearest);

#endif
