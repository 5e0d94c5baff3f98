/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REGION_REPORT_H
#define MSEALCTL_REGION_REPORT_H

#include "maps.h"
#include "plan.h"
#include "region.h"
#include "report.h"

/* A row of show, attach and check: a region, or the part of one that was selected. */
struct region_row {
	int pid;
	uint64_t start, end;
	const struct region *region;
	enum seal_state seal;
	unsigned types;
	const struct plan_item *item;	/* NULL where nothing was planned */
};

extern const struct report_kind region_report;

/* A cell_fn for struct region_row. */
cell_fn region_cell;

/* A row for each item of PLAN that TAKE (NULL: all) accepts. */
void report_add_plan(struct report *report, int pid, const struct plan *plan,
		     bool (*take)(const struct plan_item *item));

#endif
