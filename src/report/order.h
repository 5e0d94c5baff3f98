/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ORDER_H
#define MSEALCTL_ORDER_H

#include <stdbool.h>

/*
 * The order of two cells: numbers and shares like "3/4" by value, other text by its bytes.
 * NULL, for what is not known, comes last, if REVERSE as well.  Returns as strcmp(3).
 */
int order_cells(const char *x, const char *y, bool reverse);

#endif
