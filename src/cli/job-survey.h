/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_JOB_SURVEY_H
#define MSEALCTL_JOB_SURVEY_H

#include "per-process.h"
#include "survey.h"

/*
 * What JOB needs of a process, for survey_process(): which objects were loaded after the start
 * takes as long to read as all other memory.
 */
unsigned job_survey_parts(const struct job *job);

/* Read the maps, seals and ELF images of PID.  Returns 0 or -errno. */
int job_survey(struct job *job, struct survey *ret, pid_t pid);

/*
 * Do that, and plan to seal with TYPES what the choice of JOB selects of it.  The caller
 * frees RET_SURVEY after success.  Returns 0 or -errno.
 */
int job_plan(struct job *job, pid_t pid, unsigned types, struct survey *ret_survey,
	     struct plan *ret_plan);

/* Is all of REGIONS known that the choice of JOB depends on?  Returns 0 or CHOICE_UNKNOWN. */
int job_check_known(const struct job *job, pid_t pid, const struct regions *regions);

/* "PID: cannot read what SURVEY failed at: the reason" */
void log_survey_error(pid_t pid, const struct survey *survey, int error);

/* "PID: WHAT: the reason", and the hint that goes with it. */
void log_refusal(pid_t pid, const char *what, int error, bool tracing);

#endif
