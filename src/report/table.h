/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TABLE_H
#define MSEALCTL_TABLE_H

#include "report.h"

/*
 * Print REPORT to stdout as an aligned table.  Not by libsmartcols, which
 * measures each cell several times with mbrtowc(3): 60,000 rows take it longer
 * than the kernel takes to make the smaps that they came from.
 *
 * Returns 0 or -ENOMEM; errors of stdout stay in its error flag.
 */
int table_print(const struct report *report);

#endif
