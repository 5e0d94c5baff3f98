/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PER_PROCESS_H
#define MSEALCTL_PER_PROCESS_H

#include "choice.h"
#include "command.h"
#include "report.h"
#include "survey.h"

/*
 * What the commands that look at processes (show, check, attach, list) do alike.  These
 * print their own messages.
 */

/*
 * Check the lists and columns of the command line before anything is touched, and drop
 * the capabilities that COMMAND does not need.  Returns 0 or -errno.
 */
int target_begin(struct report *report, const struct report_kind *kind,
		 const char *default_columns, struct choice *choice,
		 const struct options *options, const struct command *command);

/* The same for a report of regions, and PIDs before.  RET_PIDS is malloc'ed. */
int target_prepare(struct report *report, const char *default_columns, struct choice *choice,
		   const struct options *options, const struct command *command,
		   int **ret_pids);

/* Survey PID, seals and all.  Returns 0 or -errno. */
int target_survey(struct survey *ret, int pid);

/* "PID: WHAT: the reason", and the hint that goes with it. */
void target_log_refusal(int pid, const char *what, int error, int tracing);

#endif
