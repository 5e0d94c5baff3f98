/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl check: maps and ELF images, selection, plan, report; the plan seals nothing. */
#include "command.h"
#include "log.h"
#include "per-process.h"
#include "region-report.h"
#include "selection-messages.h"

static enum exit_status check_process(struct job *job, pid_t pid)
{
	const struct options *options = job->options;
	enum exit_status status = STATUS_OK;
	struct survey survey;
	struct plan plan;

	if (job_plan(job, pid, options->types, &survey, &plan) < 0)
		return STATUS_ERROR;
	region_report_add(&job->report, &job->process, NULL, &plan,
			  &(struct region_view){ .all = options->verbose });
	if (plan_count(&plan, PLAN_ALREADY) < plan.count)
		status = STATUS_UNSEALED;
	if (choice_report_misses(&job->choice, pid, true) > 0)
		status = STATUS_ERROR;
	/* "all of nothing is sealed" is an answer that nobody should rely on */
	if (plan.count == 0) {
		log_error("%d: nothing is selected", pid);
		status = worse_status(status, STATUS_UNSEALED);
	}
	survey_free(&survey);
	return status;
}

static enum exit_status run_check(const struct options *options)
{
	return job_run(&cmd_check, options, check_process);
}

const struct command cmd_check = {
	.name = "check",
	.arguments = "PID...|SELECTOR...",
	.summary = "Exit with 0 if every selected region is sealed, with 3 if not",
	.options = OPTIONS_COMMON | OPTIONS_PROCESSES | OPTIONS_SELECTION | OPTIONS_TYPES |
		   OPTIONS_REPORT | OPTIONS_TOTALS,
	.report = &region_report,
	.columns = "PID,START,END,PERM,CLASS,SEALED,NAME",
	.plain_columns = "START,SIZE,PERM,CLASS,SEALED,NAME",
	.strict = true,
	.usage_status = STATUS_ERROR,
	.run = run_check,
};
