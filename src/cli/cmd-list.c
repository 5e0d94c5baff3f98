/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl list: maps and ELF images, selection, plan and report of every process. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "diagnose.h"
#include "hazards.h"
#include "identity.h"
#include "job-survey.h"
#include "log.h"
#include "per-process.h"
#include "process.h"
#include "report.h"
#include "selection-messages.h"
#include "survey.h"

enum {
	COLUMN_PID, COLUMN_USER, COLUMN_COMMAND, COLUMN_ARGS, COLUMN_UNIT, COLUMN_EXE,
	COLUMN_STATE, COLUMN_HAZARD, COLUMN_CLASSES,
};

/* Three columns for each class: one to be read by people, two by programs. */
enum { SHARE, SEALED, TOTAL, PER_CLASS };

#define CLASS_COLUMN(class, which) (COLUMN_CLASSES + ((class) - CLASS_TEXT) * PER_CLASS + (which))
#define CLASS_COLUMNS(class, name, word, width) \
	[CLASS_COLUMN(class, SHARE)] = { name, CELL_STRING, ALIGN_RIGHT | LEAST_WIDTH(width), \
		word " mappings: sealed/all" }, \
	[CLASS_COLUMN(class, SEALED)] = { name "-SEALED", CELL_NUMBER, ALIGN_RIGHT, \
		"sealed " word " mappings" }, \
	[CLASS_COLUMN(class, TOTAL)] = { name "-TOTAL", CELL_NUMBER, ALIGN_RIGHT, \
		"all " word " mappings" }

static const struct column columns[] = {
	[COLUMN_PID]     = { "PID", CELL_NUMBER, ALIGN_RIGHT | LEAST_WIDTH(7), "process ID" },
	[COLUMN_USER]    = { "USER", CELL_STRING, CUT_END | LEAST_WIDTH(8), "its real user" },
	[COLUMN_COMMAND] = { "COMMAND", CELL_STRING, CUT_END | LEAST_WIDTH(15) | CUT_LEAST(4),
			     "its name, as ps shows it" },
	[COLUMN_ARGS]    = { "ARGS", CELL_STRING, CUT_END | LEAST_WIDTH(30), "its command line" },
	[COLUMN_UNIT]    = { "UNIT", CELL_STRING, CUT_END | LEAST_WIDTH(20),
			     "unit of systemd that it is in" },
	[COLUMN_EXE]     = { "EXE", CELL_STRING, CUT_START | LEAST_WIDTH(20),
			     "path of its executable" },
	[COLUMN_STATE]   = { "STATE", CELL_STRING, COLORED | LEAST_WIDTH(10),
			     "how much of --seal is sealed: full, partial, none; or unreadable" },
	[COLUMN_HAZARD]  = { "HAZARD", CELL_STRING, CUT_END | LEAST_WIDTH(16) | CUT_LEAST(16),
			     "what weakens those seals, or what they break" },
	CLASS_COLUMNS(CLASS_TEXT, "TEXT", "text", 5),
	CLASS_COLUMNS(CLASS_RODATA, "RODATA", "rodata", 6),
	CLASS_COLUMNS(CLASS_RELRO, "RELRO", "relro", 5),
	CLASS_COLUMNS(CLASS_DATA, "DATA", "data", 4),
	CLASS_COLUMNS(CLASS_STACK, "STACK", "stack", 5),
	CLASS_COLUMNS(CLASS_HEAP, "HEAP", "heap", 4),
	CLASS_COLUMNS(CLASS_VDSO, "VDSO", "vdso", 4),
	CLASS_COLUMNS(CLASS_ANON, "ANON", "anon", 4),
	CLASS_COLUMNS(CLASS_FILE, "FILE", "file", 4),
	CLASS_COLUMNS(CLASS_SHM, "SHM", "shm", 3),
};

static const struct report_kind list_report = {
	.name = "processes",
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};

_Static_assert(sizeof(columns) / sizeof(columns[0]) <= REPORT_COLUMNS_MAX,
	       "--output-all shows all of them");

struct list_row {
	pid_t pid;
	bool known;		/* what follows could be read */
	struct process process;
	struct identity identity;
	enum process_state state;
	char hazards[256];
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
	case COLUMN_ARGS:
		return row->identity.args;
	case COLUMN_UNIT:
		return row->identity.unit;
	case COLUMN_EXE:
		return row->identity.exe;
	case COLUMN_HAZARD:
		return row->hazards;
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

static enum process_state state_of(const struct plan *plan)
{
	size_t sealed = plan_count(plan, PLAN_ALREADY);

	if (sealed == 0)
		return STATE_NONE;
	return sealed == plan->count ? STATE_FULL : STATE_PARTIAL;
}

static void fill_hazards(struct list_row *row, const struct plan *plan)
{
	unsigned all = 0, unknown = 0;
	struct hazard_facts facts;

	hazard_facts_read(&facts, row->pid);
	for (size_t i = 0; i < plan->count; i++) {
		unsigned maybe;

		all |= hazards_of(&facts, plan->items[i].region, true, &maybe);
		unknown |= maybe;
	}
	hazard_facts_free(&facts);
	hazards_list(all, unknown, row->hazards, sizeof(row->hazards));
}

static void fill_identity(struct list_row *row, const struct report *report)
{
	static const struct { size_t column; unsigned part; } needs[] = {
		{ COLUMN_USER, IDENTITY_USER }, { COLUMN_ARGS, IDENTITY_ARGS },
		{ COLUMN_UNIT, IDENTITY_UNIT }, { COLUMN_EXE, IDENTITY_EXE },
	};
	unsigned parts = 0;

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (report_needs(report, needs[i].column))
			parts |= needs[i].part;
	identity_read(&row->identity, &row->process, parts);
}

/* Survey the process of ROW and fill in the rest.  Returns 0 or -errno. */
static int fill_row(struct list_row *row, struct job *job)
{
	bool with_hazards = report_needs(&job->report, COLUMN_HAZARD);
	bool with_dlopened = with_hazards || choice_asks_for_dlopened(&job->choice);
	unsigned parts = SURVEY_SMAPS | (with_dlopened ? SURVEY_DLOPENED : 0);
	struct survey survey;
	struct plan plan;
	int r = survey_process(&survey, row->pid, parts, &row->process);

	row->known = row->process.tid != 0;
	if (row->known)
		fill_identity(row, &job->report);
	if (r < 0)
		return r;
	r = choice_plan(&job->choice, &plan, &survey.arena, &survey.regions, job->options->types);
	if (r == 0 && count_classes(row, &survey.regions))
		row->state = state_of(&plan);
	if (r == 0 && with_hazards)
		fill_hazards(row, &plan);
	survey_free(&survey);
	return r;
}

/* Once, if nothing can be read for lack of something of our own: ERROR. */
static void warn_of_lack(int error)
{
	static bool warned;

	if (warned || (error != -EAGAIN && error != -ENOMEM && error != -EMFILE &&
		       error != -ENFILE))
		return;
	log_warning("processes cannot be read: %s", strerror(-error));
	warned = true;
}

/* Of a process that was given, why its row has nothing. */
static void warn_of_unreadable(pid_t pid, int error)
{
	struct diagnosis diagnosis;

	if (error == CHOICE_UNKNOWN) {
		log_warning("%d: cannot select: what the lists depend on cannot be read", pid);
		return;
	}
	diagnose_access(&diagnosis, pid, error, false);
	log_warning("%d: cannot read it: %s", pid, diagnosis.reason);
}

/* Add a row for PID, unless it has no memory or has exited: an error if it was given. */
static enum exit_status list_process(struct job *job, pid_t pid)
{
	struct list_row row = { .pid = pid, .state = STATE_UNREADABLE };
	int r = fill_row(&row, job);

	warn_of_lack(r);
	if (!job->target->found && (!row.known || r == -ESRCH)) {
		log_refusal(pid, "cannot read it", r, false);
		return STATUS_ERROR;
	}
	if (job_has_lost(job) || (!job->target->found && r == -ESRCH))
		return STATUS_OK;
	if (!job->target->found && r < 0)
		warn_of_unreadable(pid, r);
	if (!job->options->states || (job->options->states & (1u << row.state)))
		report_add(&job->report, &row, list_cell);
	if (!job->options->report.sort)
		report_flush(&job->report);
	return STATUS_OK;
}

/* The classes that --seal names, as bits. */
static unsigned classes_of(const struct choice *choice)
{
	unsigned classes = 0;

	for (size_t i = 0; i < choice->selection.count; i++) {
		const struct term *term = &choice->selection.terms[i];

		if (term->kind == TERM_CLASS && !term->dlopened)
			classes |= term->classes;
	}
	return classes ? classes : 1u << CLASS_TEXT | 1u << CLASS_RODATA | 1u << CLASS_RELRO;
}

/* Do PID, USER, STATE, the shares of CLASSES and the heading COMMAND fit a row? */
static bool has_room_for_user(const struct options *options, unsigned classes)
{
	size_t width = LEAST_WIDTH_OF(columns[COLUMN_PID].style) + 1 +
		       LEAST_WIDTH_OF(columns[COLUMN_USER].style) + 1 +
		       LEAST_WIDTH_OF(columns[COLUMN_STATE].style) + 1 + strlen("COMMAND");

	for (unsigned class = CLASS_TEXT; class < CLASS_COUNT; class++)
		if (classes & (1u << class))
			width += 1 + LEAST_WIDTH_OF(columns[CLASS_COLUMN(class, SHARE)].style);
	return width <= report_room(&options->report);
}

/* The default columns: a share for each class of --seal, in JSON as numbers too. */
static void choose_columns(const struct options *options, const struct choice *choice,
			   char *buf, size_t size)
{
	unsigned classes = classes_of(choice);
	int used = snprintf(buf, size, has_room_for_user(options, classes) ? "PID,USER,STATE" :
									     "PID,STATE");

	for (unsigned class = CLASS_TEXT; class < CLASS_COUNT; class++) {
		const struct column *column = &columns[CLASS_COLUMN(class, SHARE)];
		int count = options->report.json ? PER_CLASS : 1;

		for (int i = 0; (classes & (1u << class)) && i < count; i++)
			used += snprintf(buf + used, size - (size_t)used, ",%s", column[i].name);
	}
	snprintf(buf + used, size - (size_t)used, ",COMMAND");
}

static enum exit_status run_list(const struct options *options)
{
	struct command command = cmd_list;
	struct choice choice;
	char defaults[512];

	if (choice_from_lists(&choice, options->seal, options->exclude) < 0)
		return STATUS_ERROR;
	choose_columns(options, &choice, defaults, sizeof(defaults));
	choice_free(&choice);
	command.columns = defaults;
	return job_run(&command, options, list_process);
}

const struct command cmd_list = {
	.name = "list",
	.arguments = "[PID...|SELECTOR...]",
	.summary = "Show every process, and how much of it is sealed",
	.options = OPTIONS_COMMON | OPTIONS_PROCESSES | OPTIONS_SELECTION | OPTIONS_TYPES |
		   OPTIONS_REPORT | OPTIONS_LIST,
	.report = &list_report,
	.finds_all = true,
	.columns = "PID,USER,STATE,TEXT,RODATA,RELRO,COMMAND",
	.usage_status = STATUS_ERROR,
	.run = run_list,
};
