/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PER_PROCESS_H
#define MSEALCTL_PER_PROCESS_H

#include "choice.h"
#include "command.h"
#include "report.h"
#include "survey.h"

/*
 * What the commands that look at processes (show, check, attach, list) do alike.  All of
 * it logs its own errors.
 */
struct job {
	const struct options *options;
	struct choice choice;
	struct report report;
	pid_t *pids;		/* the arguments; NULL for a command without any */
};

/*
 * Check the arguments, lists and columns of the command line before any process is
 * touched, and drop the capabilities that COMMAND does not need.  Returns 0 or -errno.
 */
int job_begin(struct job *ret, const struct command *command, const struct options *options);

/* What a command does with one process. */
typedef enum exit_status job_fn(struct job *job, pid_t pid);

/* Do FN for every PID of the command line.  Returns the worst status. */
enum exit_status job_each(struct job *job, job_fn *fn);

/* Print what is left of the report, and free it all.  Returns STATUS or a worse one. */
enum exit_status job_end(struct job *job, enum exit_status status);

/* All of the above, for a command that has nothing to do before the first process. */
enum exit_status job_run(const struct command *command, const struct options *options,
			 job_fn *fn);

/* Read the maps, seals and ELF images of PID.  Returns 0 or -errno. */
int job_survey(struct survey *ret, pid_t pid);

/*
 * Do that, and plan to seal with TYPES what the choice of JOB selects of it.  The caller
 * frees RET_SURVEY after success.  Returns 0 or -errno.
 */
int job_plan(struct job *job, pid_t pid, unsigned types, struct survey *ret_survey,
	     struct plan *ret_plan);

/* "PID: WHAT: the reason", and the hint that goes with it. */
void log_refusal(pid_t pid, const char *what, int error, bool tracing);

#endif
