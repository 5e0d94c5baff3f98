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

/* Does a column of REPORT need what is read with SURVEY_DLOPENED? */
bool region_report_needs_dlopened(const struct report *report);

/* What is shown of a process. */
struct region_view {
	bool outcome;		/* what was done or would be, not the state alone */
	bool all;		/* rows also of what is sealed or would be */
};

/*
 * Add a row for each of the REGIONS of PROCESS or, if PLAN is not NULL, each of its items,
 * and print them; in a table for people, behind a line of totals.
 */
void region_report_add(struct report *report, const struct process *process,
		       const struct regions *regions, const struct plan *plan,
		       const struct region_view *view);

#endif
