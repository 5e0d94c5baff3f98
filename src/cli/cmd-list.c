/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl list: maps and ELF images, selection, plan and report of every process. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "identity.h"
#include "per-process.h"
#include "process.h"
#include "report.h"
#include "survey.h"

enum { COLUMN_PID, COLUMN_USER, COLUMN_COMMAND, COLUMN_STATE, COLUMN_CLASSES };

/* Three columns for each class: one to be read by people, two by programs. */
enum { SHARE, SEALED, TOTAL, PER_CLASS };

#define CLASS_COLUMN(class, which) (COLUMN_CLASSES + ((class) - CLASS_TEXT) * PER_CLASS + (which))
#define CLASS_COLUMNS(class, name, word) \
	[CLASS_COLUMN(class, SHARE)] = { name, CELL_STRING, ALIGN_RIGHT, \
		word " mappings: sealed/all" }, \
	[CLASS_COLUMN(class, SEALED)] = { name "-SEALED", CELL_NUMBER, ALIGN_RIGHT, \
		"sealed " word " mappings" }, \
	[CLASS_COLUMN(class, TOTAL)] = { name "-TOTAL", CELL_NUMBER, ALIGN_RIGHT, \
		"all " word " mappings" }

static const struct column columns[] = {
	[COLUMN_PID]     = { "PID", CELL_NUMBER, ALIGN_RIGHT, "process ID" },
	[COLUMN_USER]    = { "USER", CELL_STRING, CUT_END, "its real user" },
	[COLUMN_COMMAND] = { "COMMAND", CELL_STRING, CUT_END, "its name, as ps shows it" },
	[COLUMN_STATE]   = { "STATE", CELL_STRING, COLORED,
			     "how much of --seal is sealed: full, partial, none; or unreadable" },
	CLASS_COLUMNS(CLASS_TEXT, "TEXT", "text"),
	CLASS_COLUMNS(CLASS_RODATA, "RODATA", "rodata"),
	CLASS_COLUMNS(CLASS_RELRO, "RELRO", "relro"),
	CLASS_COLUMNS(CLASS_DATA, "DATA", "data"),
	CLASS_COLUMNS(CLASS_STACK, "STACK", "stack"),
	CLASS_COLUMNS(CLASS_HEAP, "HEAP", "heap"),
	CLASS_COLUMNS(CLASS_VDSO, "VDSO", "vdso"),
	CLASS_COLUMNS(CLASS_ANON, "ANON", "anon"),
	CLASS_COLUMNS(CLASS_FILE, "FILE", "file"),
	CLASS_COLUMNS(CLASS_SHM, "SHM", "shm"),
};

static const struct report_kind list_report = {
	.name = "processes",
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};

_Static_assert(sizeof(columns) / sizeof(columns[0]) <= REPORT_COLUMNS_MAX,
	       "--output-all shows all of them");

enum state { STATE_FULL, STATE_PARTIAL, STATE_NONE, STATE_UNREADABLE };

static const char *const state_names[] = {
	[STATE_FULL] = "full", [STATE_PARTIAL] = "partial", [STATE_NONE] = "none",
	[STATE_UNREADABLE] = "unreadable",
};

struct list_row {
	pid_t pid;
	bool known;		/* what follows could be read */
	struct process process;
	struct identity identity;
	enum state state;
	size_t sealed[CLASS_COUNT], total[CLASS_COUNT];
};

static const char *class_cell(const struct list_row *row, size_t column, char *buf, size_t size)
{
	size_t class = CLASS_TEXT + (column - COLUMN_CLASSES) / PER_CLASS;
	size_t sealed = row->sealed[class], total = row->total[class];

	if (row->state == STATE_UNREADABLE)
		return "";
	switch ((column - COLUMN_CLASSES) % PER_CLASS) {
	case SHARE:
		snprintf(buf, size, "%zu/%zu", sealed, total);
		break;
	case SEALED:
		snprintf(buf, size, "%zu", sealed);
		break;
	case TOTAL:
		snprintf(buf, size, "%zu", total);
		break;
	}
	return buf;
}

/* A cell_fn for struct list_row. */
static const char *list_cell(const void *data, size_t column, const struct report *report,
			     char *buf, size_t size)
{
	const struct list_row *row = data;

	(void)report;
	switch (column) {
	case COLUMN_PID:
		snprintf(buf, size, "%d", row->pid);
		return buf;
	case COLUMN_USER:
		return row->identity.user;
	case COLUMN_COMMAND:
		return row->known ? row->process.comm : "";
	case COLUMN_STATE:
		return state_names[row->state];
	default:
		return class_cell(row, column, buf, size);
	}
}

/* Count what is sealed of each class.  Returns false if smaps does not show seals. */
static bool count_classes(struct list_row *row, const struct regions *regions)
{
	for (size_t i = 0; i < regions->count; i++) {
		const struct region *region = &regions->items[i];

		if (region->class == CLASS_NONE)
			continue;
		if (region->vma->seal == SEAL_UNKNOWN)
			return false;
		row->total[region->class]++;
		row->sealed[region->class] += region->vma->seal == SEAL_SEALED;
	}
	return true;
}

static enum state state_of(const struct plan *plan)
{
	size_t sealed = plan_count(plan, PLAN_ALREADY);

	if (sealed == 0)
		return STATE_NONE;
	return sealed == plan->count ? STATE_FULL : STATE_PARTIAL;
}

/* Survey the process of ROW and fill in the rest.  Returns 0 or -errno. */
static int fill_row(struct list_row *row, struct choice *choice, unsigned types)
{
	unsigned parts = choice_asks_for_dlopened(choice) ? SURVEY_DLOPENED : 0;
	struct survey survey;
	struct plan plan;
	int r = survey_process(&survey, row->pid, SURVEY_SMAPS | parts, &row->process);

	row->known = row->process.tid != 0;
	if (row->known)
		identity_read(&row->identity, &row->process, IDENTITY_USER);
	if (r < 0)
		return r;
	r = choice_plan(choice, &plan, &survey.arena, &survey.regions, types);
	if (r == 0)
		row->state = count_classes(row, &survey.regions) ? state_of(&plan) :
								   STATE_UNREADABLE;
	survey_free(&survey);
	return r;
}

/* Add a row for PID, unless it has no memory or has exited. */
static enum exit_status list_process(struct job *job, pid_t pid)
{
	struct list_row row = { .pid = pid, .state = STATE_UNREADABLE };
	int r = fill_row(&row, &job->choice, job->options->types);

	if (!job->target->found && !row.known) {
		log_refusal(pid, "cannot read it", r, false);
		return STATUS_ERROR;
	}
	if (!job_has_lost(job) && r != -ESRCH)
		report_add(&job->report, &row, list_cell);
	return STATUS_OK;
}

static enum exit_status run_list(const struct options *options)
{
	return job_run(&cmd_list, options, list_process);
}

const struct command cmd_list = {
	.name = "list",
	.arguments = "[PID...|SELECTOR...]",
	.summary = "Show every process, and how much of it is sealed",
	.options = OPTIONS_COMMON | OPTIONS_PROCESSES | OPTIONS_SELECTION | OPTIONS_TYPES | OPTIONS_REPORT,
	.report = &list_report,
	.finds_all = true,
	.columns = "PID,USER,STATE,TEXT,RODATA,RELRO,COMMAND",
	.usage_status = STATUS_ERROR,
	.run = run_list,
};
