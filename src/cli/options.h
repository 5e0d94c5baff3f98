/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_OPTIONS_H
#define MSEALCTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "exit-status.h"
#include "pids.h"
#include "report.h"
#include "targets.h"
#include "way.h"

struct command;

/* Which options a command takes. */
enum option_group {
	OPTIONS_COMMON    = 1 << 0,	/* --verbose, --quiet, and those of OPTIONS_HELP */
	OPTIONS_SELECTION = 1 << 1,	/* --seal, --exclude */
	OPTIONS_TYPES     = 1 << 2,
	OPTIONS_EXEC      = 1 << 3,
	OPTIONS_ATTACH    = 1 << 4,
	OPTIONS_REPORT    = 1 << 5,
	OPTIONS_TOTALS    = 1 << 6,	/* --summary */
	OPTIONS_MAP       = 1 << 7,
	OPTIONS_PROCESSES = 1 << 8,	/* --name, --user, ..., beside PIDs */
	OPTIONS_LIST      = 1 << 9,	/* --sort, --state */
	OPTIONS_HELP      = 1 << 10,	/* --help, --version */
};

enum help_request { HELP_NONE, HELP_USAGE, HELP_VERSION };

/* How much of --seal is sealed of a process. */
enum process_state { STATE_FULL, STATE_PARTIAL, STATE_NONE, STATE_UNREADABLE, STATE_COUNT };

extern const char *const state_names[STATE_COUNT];

/* The command line, parsed.  Strings live as long as the struct. */
struct options {
	enum help_request help;
	bool verbose, quiet;
	char *seal, *exclude;		/* NULL if not given */
	unsigned types;			/* enum seal_type bits */
	enum exec_via via;
	bool best_effort, inherit, follow_dlopen;
	bool dry_run;
	uint64_t timeout_ms;
	struct process_filter filter;
	unsigned states;		/* bits 1 << enum process_state; 0 for all */
	bool list_columns;
	struct report_options report;
	const char **arguments;		/* the rest; NULL at its end */
	size_t argument_count;
	void *popt;			/* owns ARGUMENTS */
};

/*
 * Parse ARGV for COMMAND (NULL: the options before it).  Parsing stops at the first word
 * that is not an option; but options may follow a PID, which never begins with a dash.
 * Returns 0, or -errno after a message.
 */
int options_parse(struct options *ret, const struct command *command, int argc,
		  const char **argv);

void options_free(struct options *options);

/* Print the options of COMMAND (NULL: those before it) for --help. */
void options_print_help(const struct command *command, FILE *out);

/* Returns 0, or -EINVAL after an error if there are arguments. */
int options_no_arguments(const struct options *options, const struct command *command);

/* TEXT as a PID.  Returns 0 or -EINVAL. */
int options_parse_pid(const char *text, pid_t *ret);

/* The options that narrow the filter, as they were given: "--name=cron"; for messages. */
void options_describe_filter(const struct options *options, char *buf, size_t size);

#endif
