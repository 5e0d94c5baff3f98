/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MAP_H
#define MSEALCTL_MAP_H

#include "plan.h"
#include "region.h"
#include "report.h"

/*
 * Draw the REGIONS of a process or, if PLAN is not NULL, its items: an object a line, its
 * mappings as bars that show class, size and seal.  Gaps take no room.  Takes time for each
 * region, and for nothing else.
 */
void map_draw(struct report *report, const struct regions *regions, const struct plan *plan);

#endif
