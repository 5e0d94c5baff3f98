/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl check: maps and ELF images, selection, plan; then nothing but its results. */
#include <string.h>

#include "cleanup.h"
#include "command.h"
#include "log.h"
#include "per-process.h"
#include "region-report.h"
#include "selection-messages.h"

#define DEFAULT_COLUMNS "PID,START,END,PERM,CLASS,SEALED,NAME"

static bool is_unsealed(const struct plan_item *item)
{
	return item->result != PLAN_ALREADY;
}

static enum exit_status check_process(struct report *report, int pid,
				      const struct options *options, struct choice *choice)
{
	struct survey survey;
	struct plan plan;
	enum exit_status status = STATUS_OK;
	int r;

	if (target_survey(&survey, pid) < 0)
		return STATUS_ERROR;
	r = choice_plan(choice, &plan, &survey.arena, &survey.regions, options->types);
	if (r < 0) {
		log_error("%d: cannot select: %s", pid, strerror(-r));
		status = STATUS_ERROR;
	} else {
		report_add_plan(report, pid, &plan, options->verbose ? NULL : is_unsealed);
		if (plan_count(&plan, PLAN_ALREADY) < plan.count)
			status = STATUS_UNSEALED;
		if (choice_report_misses(choice, pid, true) > 0)
			status = STATUS_ERROR;
		/* "all of nothing is sealed" is no answer that anyone wants to rely on */
		if (plan.count == 0 && status == STATUS_OK) {
			log_error("%d: nothing is selected", pid);
			status = STATUS_ERROR;
		}
	}
	survey_free(&survey);
	return status;
}

static enum exit_status run_check(const struct options *options)
{
	enum exit_status status = STATUS_OK;
	cleanup_free int *pids = NULL;
	struct choice choice;
	struct report report;

	if (options->list_columns) {
		report_list_columns(&region_report);
		return STATUS_OK;
	}
	if (target_prepare(&report, DEFAULT_COLUMNS, &choice, options, &cmd_check, &pids) < 0)
		return STATUS_ERROR;
	for (size_t i = 0; i < options->argument_count; i++)
		status = worse_status(status, check_process(&report, pids[i], options, &choice));
	status = worse_status(status, report_finish(&report));
	choice_free(&choice);
	return status;
}

const struct command cmd_check = {
	.name = "check",
	.arguments = "PID...",
	.summary = "Exit with 0 if every selected region is sealed, with 3 if not",
	.options = OPTIONS_COMMON | OPTIONS_SELECTION | OPTIONS_TYPES | OPTIONS_REPORT,
	.usage_status = STATUS_ERROR,
	.run = run_check,
};
