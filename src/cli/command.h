/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_COMMAND_H
#define MSEALCTL_COMMAND_H

#include "exit-status.h"
#include "options.h"

/* One word after "msealctl"; each lives in a file of its own, cmd-NAME.c. */
struct command {
	const char *name;
	const char *arguments;		/* for the synopsis */
	const char *summary;		/* one line for --help */
	unsigned options;		/* enum option_group bits that it takes */
	const struct report_kind *report;	/* what it prints; NULL for exec */
	const char *columns;		/* of the report, by default */
	const char *plain_columns;	/* the same between lines of totals, or NULL */
	const char *seal;		/* --seal by default; NULL for SELECT_DEFAULT */
	bool finds_all;		/* processes, without PIDs and selectors */
	bool remedies;		/* prints remedies, for which SURVEY_DLOPENED is read */
	bool seals;		/* unless --dry-run is given */
	bool strict;		/* a term that matches in no process is STATUS_UNSEALED */
	enum exit_status usage_status;	/* for a wrong command line */
	enum exit_status (*run)(const struct options *options);
};

extern const struct command cmd_exec;
extern const struct command cmd_attach;
extern const struct command cmd_show;
extern const struct command cmd_check;
extern const struct command cmd_list;
extern const struct command cmd_probe;

#endif
