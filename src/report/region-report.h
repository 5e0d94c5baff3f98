/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REGION_REPORT_H
#define MSEALCTL_REGION_REPORT_H

#include "plan.h"
#include "process.h"
#include "region.h"
#include "report.h"

/* The rows of show, attach and check: regions, or the parts of them that were selected. */
extern const struct report_kind region_report;

/* Add a row for each of the REGIONS of PROCESS. */
void region_report_add(struct report *report, const struct process *process,
		       const struct regions *regions);

/* Add a row for each item of PLAN, or if SHOWS is not NULL, for those it accepts. */
void region_report_add_plan(struct report *report, const struct process *process,
			    const struct plan *plan,
			    bool (*shows)(const struct plan_item *item));

#endif
