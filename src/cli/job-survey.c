/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "job-survey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose.h"
#include "log.h"
#include "region-report.h"

unsigned job_survey_parts(const struct job *job)
{
	bool remedies = job->command->remedies && !job->options->quiet;

	/* a dry run prints hazards, and a remedy says what was loaded since */
	return SURVEY_SMAPS |
	       (job->options->dry_run || remedies || choice_asks_for_dlopened(&job->choice) ||
		region_report_needs_dlopened(&job->report) ? SURVEY_DLOPENED : 0);
}

int job_survey(struct job *job, struct survey *ret, pid_t pid)
{
	int r = survey_process(ret, pid, job_survey_parts(job), &job->process);

	/* it may be another's by now that was read */
	if (job_has_lost(job)) {
		if (r == 0)
			survey_free(ret);
		return -ESRCH;
	}
	if (r < 0)
		log_survey_error(pid, ret, r);
	return r;
}

int job_plan(struct job *job, pid_t pid, unsigned types, struct survey *ret_survey,
	     struct plan *ret_plan)
{
	int r = job_survey(job, ret_survey, pid);

	if (r < 0)
		return r;
	r = choice_plan(&job->choice, ret_plan, &ret_survey->arena, &ret_survey->regions,
			types);
	if (r == CHOICE_UNKNOWN)
		job_check_known(job, pid, &ret_survey->regions);
	else if (r < 0)
		log_error("%d: cannot plan: %s", pid, strerror(-r));
	if (r < 0)
		survey_free(ret_survey);
	else
		job->plans++;
	return r;
}

int job_check_known(const struct job *job, pid_t pid, const struct regions *regions)
{
	const struct gap *gap = choice_gap(&job->choice, regions);
	const char *what = gap == &regions->exe_gap ? "which object is the main program" :
						      "which objects were loaded after the start";

	if (!gap)
		return 0;
	if (gap->error)
		log_error("%d: cannot select: it is not known %s: %s: %s", pid, what, gap->source,
			  strerror(-gap->error));
	else
		log_error("%d: cannot select: it is not known %s: %s", pid, what, gap->source);
	if (gap->error == -EACCES)
		log_hint("run msealctl as root, as the user of the process, or with CAP_DAC_READ_SEARCH");
	return CHOICE_UNKNOWN;
}

void log_survey_error(pid_t pid, const struct survey *survey, int error)
{
	char what[64];

	snprintf(what, sizeof(what), "cannot read %s", survey->failed ? survey->failed : "it");
	log_refusal(pid, what, error, false);
}

void log_refusal(pid_t pid, const char *what, int error, bool tracing)
{
	struct diagnosis d;

	diagnose_access(&d, pid, error, tracing);
	log_error("%d: %s: %s", pid, what, d.reason);
	if (d.hint[0])
		log_hint("%s", d.hint);
}
