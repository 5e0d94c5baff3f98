/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "per-process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose.h"
#include "log.h"
#include "privileges.h"
#include "region-report.h"
#include "selection-messages.h"

int target_begin(struct report *report, const struct report_kind *kind,
		 const char *default_columns, struct choice *choice,
		 const struct options *options, const struct command *command)
{
	int r = report_init(report, kind, default_columns, &options->report, options->quiet);

	if (r < 0)
		return r;
	r = choice_from_options(choice, options);
	if (r < 0)
		return r;
	/* CAP_SYS_ADMIN only where a seccomp filter may have to be suspended */
	r = privileges_reduce(command->options & OPTIONS_ATTACH);
	if (r < 0) {
		log_error("cannot drop capabilities: %s", strerror(-r));
		choice_free(choice);
	}
	return r;
}

int target_prepare(struct report *report, const char *default_columns, struct choice *choice,
		   const struct options *options, const struct command *command,
		   int **ret_pids)
{
	int r = options_pids(options, command, ret_pids);

	return r < 0 ? r : target_begin(report, &region_report, default_columns, choice,
					options, command);
}

int target_survey(struct survey *ret, int pid)
{
	struct process process;
	int r = survey_process(ret, pid, SURVEY_SMAPS | SURVEY_DLOPENED, &process);

	if (r < 0)
		target_log_refusal(pid, "cannot read its maps", r, false);
	return r;
}

void target_log_refusal(int pid, const char *what, int error, int tracing)
{
	struct diagnosis d;

	diagnose_access(&d, pid, error, tracing);
	log_error("%d: %s: %s", pid, what, d.reason);
	if (d.hint[0])
		log_hint("%s", d.hint);
}
