/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SELECTION_MESSAGES_H
#define MSEALCTL_SELECTION_MESSAGES_H

#include <stdio.h>
#include <sys/types.h>

#include "choice.h"

/* The terms of LIST and what they select, for --help. */
void choice_print_terms(FILE *out);

/*
 * Parse SEAL and EXCLUDE, as choice_parse().  Returns 0, or -errno after a message that names
 * the bad term and what is known.
 */
int choice_from_lists(struct choice *ret, const char *seal, const char *exclude);

void choice_free(struct choice *choice);

/*
 * Log the classes of --seal that are empty in process PID, by the last plan.  Returns how
 * many there are.
 */
size_t choice_report_misses(const struct choice *choice, pid_t pid, bool as_error);

/*
 * Log the terms that must match something, but matched nothing in any of PLANS plans, one
 * of a process each.  Returns how many there are.
 */
size_t choice_report_mistakes(const struct choice *choice, size_t plans, bool as_error);

#endif
