/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl check: maps and ELF images, selection, plan, report; the plan seals nothing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "job-survey.h"
#include "log.h"
#include "per-process.h"
#include "process.h"
#include "region-report.h"
#include "selection-messages.h"
#include "verdict.h"

/* A class that was asked for and is empty counts against the process. */
static enum exit_status check_misses(const struct job *job, struct verdict *verdict)
{
	size_t misses = choice_report_misses(&job->choice, verdict->pid, true);

	/* "all of nothing is sealed" is an answer that nobody should rely on */
	if (verdict->sealed + verdict->unsealed == 0)
		log_error("%d: nothing is selected", verdict->pid);
	if (misses > 0) {
		verdict->word = VERDICT_UNSEALED;
		return STATUS_ERROR;
	}
	return verdict->word == VERDICT_SEALED ? STATUS_OK : STATUS_UNSEALED;
}

/* All may read the name, even of what is unreadable. */
static void name_unreadable(struct verdict *verdict)
{
	struct process process;

	if (process_read_stat(verdict->pid, verdict->pid, &process) == 0)
		snprintf(verdict->comm, sizeof(verdict->comm), "%s", process.comm);
}

static enum exit_status check_process(struct job *job, pid_t pid)
{
	const struct options *options = job->options;
	struct verdict verdict = { .pid = pid, .word = VERDICT_UNREADABLE,
				   .seal_given = options->seal };
	enum exit_status status = STATUS_ERROR;
	struct survey survey;
	struct plan plan;

	if (job_plan(job, pid, options->types, &survey, &plan) == 0) {
		snprintf(verdict.comm, sizeof(verdict.comm), "%s", job->process.comm);
		verdict_judge(&verdict, &job->choice, &survey.regions, &plan);
		region_report_add(&job->report, &job->process, NULL, &plan,
				  &(struct region_view){ .all = options->verbose });
		if (report_is_plain(&options->report) && !options->report.summary)
			verdict_print(&verdict, &job->report, options->verbose);
		status = check_misses(job, &verdict);
		survey_free(&survey);
	} else if (job->lost) {
		return STATUS_OK;
	} else {
		name_unreadable(&verdict);
	}
	if (verdicts_add(job->context, &verdict) < 0) {
		log_error("%s", strerror(ENOMEM));
		status = STATUS_ERROR;
	}
	return status;
}

/* The verdicts, and what they come to. */
struct outcome {
	struct verdicts verdicts;
	enum exit_status status;
};

/* "sealed" is that of status 0 alone; without a process, it is the status that says why. */
static void print_json_end(void *context)
{
	const struct outcome *outcome = context;
	const size_t *of = outcome->verdicts.of;
	enum verdict_word all = VERDICT_SEALED;

	if (of[VERDICT_UNREADABLE] > 0 || job_is_ending())
		all = VERDICT_UNREADABLE;
	else if (of[VERDICT_UNSEALED] > 0 || outcome->status == STATUS_UNSEALED)
		all = VERDICT_UNSEALED;
	else if (outcome->status != STATUS_OK)
		all = VERDICT_UNREADABLE;
	verdicts_print_json(&outcome->verdicts, all);
}

static void print_sum(struct job *job, const struct verdicts *verdicts)
{
	char line[128];

	if (verdicts->count < 2 || !report_is_plain(&job->options->report))
		return;
	snprintf(line, sizeof(line), "%zu processes: %zu sealed, %zu unsealed, %zu unreadable",
		 verdicts->count, verdicts->of[VERDICT_SEALED], verdicts->of[VERDICT_UNSEALED],
		 verdicts->of[VERDICT_UNREADABLE]);
	report_line(&job->report, line);
}

static enum exit_status run_check(const struct options *options)
{
	struct outcome outcome = { .status = STATUS_OK };
	enum exit_status status;
	struct job job;

	if (job_begin(&job, &cmd_check, options) < 0)
		return STATUS_ERROR;
	job.context = &outcome.verdicts;
	outcome.status = job_each(&job, check_process);
	print_sum(&job, &outcome.verdicts);
	job.report.print_json_end = print_json_end;
	job.report.json_end_context = &outcome;
	status = job_end(&job, outcome.status);
	verdicts_free(&outcome.verdicts);
	return status;
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
	.remedies = true,
	.strict = true,
	.usage_status = STATUS_ERROR,
	.run = run_check,
};
