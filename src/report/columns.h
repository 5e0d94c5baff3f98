/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_COLUMNS_H
#define MSEALCTL_COLUMNS_H

#include "report.h"

/*
 * Choose the columns that are shown: DEFAULTS as changed by the options of REPORT; and the one
 * to order by.  Returns 0, or -errno after a message.
 */
int columns_select(struct report *report, const char *defaults);

#endif
