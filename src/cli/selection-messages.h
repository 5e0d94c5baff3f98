/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SELECTION_MESSAGES_H
#define MSEALCTL_SELECTION_MESSAGES_H

#include "choice.h"

/*
 * Parse SEAL and EXCLUDE, as choice_parse().  Returns 0, or -errno after an error that names the bad term
 * and what is known.
 */
int choice_from_lists(struct choice *ret, const char *seal, const char *exclude);

void choice_free(struct choice *choice);

/*
 * Log each term that selected nothing in the last plan.  Returns how many of --seal did, if
 * it was given.
 */
size_t choice_report_misses(const struct choice *choice, int pid, bool as_error);

#endif
