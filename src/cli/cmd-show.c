/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl show: maps and ELF images, selection, plan, report. */
#include "command.h"
#include "job-survey.h"
#include "log.h"
#include "per-process.h"
#include "region-report.h"
#include "selection-messages.h"

/* That a term matches nothing has its own message. */
static void warn_of_nothing(const struct job *job, pid_t pid, const struct plan *plan)
{
	struct choice_miss miss = { .pos = 0 };

	if (plan->count == 0 && !choice_next_miss(&job->choice, false, &miss))
		log_warning("%d: nothing is selected", pid);
}

static enum exit_status show_selected(struct job *job, pid_t pid)
{
	struct survey survey;
	struct plan plan;

	if (job_plan(job, pid, 0, &survey, &plan) < 0)
		return STATUS_ERROR;
	region_report_add(&job->report, &job->process, NULL, &plan,
			  &(struct region_view){ .all = job->all_rows });
	choice_report_misses(&job->choice, pid, false);
	warn_of_nothing(job, pid, &plan);
	survey_free(&survey);
	return STATUS_OK;
}

static enum exit_status show_process(struct job *job, pid_t pid)
{
	struct survey survey;

	if (job->options->seal || job->options->exclude)
		return show_selected(job, pid);
	/* without a list everything is shown, even what can never be sealed */
	if (job_survey(job, &survey, pid) < 0)
		return STATUS_ERROR;
	region_report_add(&job->report, &job->process, &survey.regions, NULL,
			  &(struct region_view){ .all = job->all_rows });
	survey_free(&survey);
	return STATUS_OK;
}

static enum exit_status run_show(const struct options *options)
{
	return job_run(&cmd_show, options, show_process);
}

const struct command cmd_show = {
	.name = "show",
	.arguments = "PID...|SELECTOR...",
	.summary = "Show the regions of processes, and which are not sealed",
	.options = OPTIONS_COMMON | OPTIONS_PROCESSES | OPTIONS_SELECTION | OPTIONS_REPORT |
		   OPTIONS_TOTALS | OPTIONS_MAP,
	.report = &region_report,
	.columns = "PID,START,END,SIZE,PERM,CLASS,SEALED,NAME",
	.plain_columns = "START,SIZE,PERM,CLASS,SEALED,NAME",
	/* --exclude alone leaves the rest */
	.seal = "all",
	.usage_status = STATUS_ERROR,
	.run = run_show,
};
