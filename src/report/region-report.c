/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "region-report.h"

#include <stdio.h>

#include "cleanup.h"
#include "hazards.h"
#include "identity.h"
#include "map.h"
#include "mseal.h"
#include "number.h"
#include "text.h"

/* Columns of a process's name in its line of totals, on a terminal. */
#define NAME_WIDTH 24

enum {
	COLUMN_PID, COLUMN_START, COLUMN_END, COLUMN_SIZE, COLUMN_PERM, COLUMN_CLASS,
	COLUMN_SEALED, COLUMN_TYPES, COLUMN_RESULT, COLUMN_REASON, COLUMN_DLOPENED,
	COLUMN_HAZARD, COLUMN_COMMAND, COLUMN_ARGS, COLUMN_USER, COLUMN_UNIT, COLUMN_EXE,
	COLUMN_OBJECT, COLUMN_NAME,
};

static const struct column columns[] = {
	[COLUMN_PID]    = { "PID", CELL_NUMBER, ALIGN_RIGHT, "process ID" },
	[COLUMN_START]  = { "START", CELL_STRING, ALIGN_RIGHT, "first address" },
	[COLUMN_END]    = { "END", CELL_STRING, ALIGN_RIGHT, "first address after it" },
	[COLUMN_SIZE]   = { "SIZE", CELL_NUMBER, ALIGN_RIGHT, "length" },
	[COLUMN_PERM]   = { "PERM", CELL_STRING, 0, "permissions, as maps shows them" },
	[COLUMN_CLASS]  = { "CLASS", CELL_STRING, 0, "text, rodata, data, stack, ..." },
	[COLUMN_SEALED] = { "SEALED", CELL_BOOLEAN, COLORED, "whether smaps shows a seal" },
	[COLUMN_TYPES]  = { "TYPES", CELL_STRING, 0, "seal types that it has" },
	[COLUMN_RESULT] = { "RESULT", CELL_STRING, COLORED, "what was done" },
	[COLUMN_REASON] = { "REASON", CELL_STRING, CUT_END, "why it was skipped or failed" },
	[COLUMN_DLOPENED] = { "DLOPENED", CELL_BOOLEAN, 0,
			      "whether the object was loaded after the start" },
	[COLUMN_HAZARD] = { "HAZARD", CELL_STRING, CUT_END | CUT_LEAST(16),
			    "what weakens a seal, or what a seal breaks" },
	[COLUMN_COMMAND] = { "COMMAND", CELL_STRING, CUT_END, "name of the process" },
	[COLUMN_ARGS]   = { "ARGS", CELL_STRING, CUT_END, "command line of the process" },
	[COLUMN_USER]   = { "USER", CELL_STRING, CUT_END, "real user of the process" },
	[COLUMN_UNIT]   = { "UNIT", CELL_STRING, CUT_END, "unit of systemd that the process is in" },
	[COLUMN_EXE]    = { "EXE", CELL_STRING, CUT_START, "path of the executable of the process" },
	[COLUMN_OBJECT] = { "OBJECT", CELL_STRING, CUT_START, "path of the ELF object or file" },
	[COLUMN_NAME]   = { "NAME", CELL_STRING, CUT_START, "name, as maps shows it" },
};

const struct report_kind region_report = {
	.name = "regions",
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};

/* What is read once of a process for all of its rows, if a column shows it. */
struct about {
	const struct process *process;
	struct identity identity;
	struct hazard_facts facts;
};

struct region_row {
	const struct about *about;
	uint64_t start, end;
	const struct region *region;
	enum seal_state seal;
	unsigned types;
	const struct plan_item *item;	/* NULL where nothing was planned */
};

static const char *perm_cell(const struct region_row *row, char *buf)
{
	unsigned perms = row->region->vma->perms;

	buf[0] = perms & VMA_READ ? 'r' : '-';
	buf[1] = perms & VMA_WRITE ? 'w' : '-';
	buf[2] = perms & VMA_EXEC ? 'x' : '-';
	buf[3] = perms & VMA_SHARED ? 's' : 'p';
	buf[4] = '\0';
	return buf;
}

static const char *size_cell(const struct region_row *row, const struct report *report,
			     char *buf, size_t size)
{
	uint64_t bytes = row->end - row->start;

	if (!report->options->bytes && !report->options->json)
		return text_size(buf, size, bytes);
	snprintf(buf, size, "%llu", (unsigned long long)bytes);
	return buf;
}

static const char *sealed_cell(const struct region_row *row)
{
	switch (row->seal) {
	case SEAL_SEALED:
		return "yes";
	case SEAL_NONE:
		return "no";
	case SEAL_UNKNOWN:
		break;
	}
	return "";
}

static const char *types_cell(const struct region_row *row, char *buf, size_t size)
{
	size_t used = 0;

	if (row->seal != SEAL_SEALED)
		return "";
	if (row->types == SEAL_ALL)
		return "all";
	buf[0] = '\0';
	for (const struct seal_type_name *t = seal_type_names; t->name; t++)
		if (row->types & t->type)
			used += (size_t)snprintf(buf + used, size - used, "%s%s",
						 used > 0 ? "," : "", t->name);
	return buf;
}

/* A name in brackets is the kernel's, not that of an object which could be opened. */
static const char *object_cell(const struct region_row *row)
{
	const char *object = region_object(row->region);

	return row->region->image || object[0] == '/' ? object : "";
}

static const char *const dlopened_words[] = {
	[DLOPENED_UNKNOWN] = "", [DLOPENED_NO] = "no", [DLOPENED_STAYS] = "no",
	[DLOPENED_YES] = "yes",
};

static const char *hazard_cell(const struct region_row *row, char *buf, size_t size)
{
	unsigned unknown, found = hazards_of(&row->about->facts, row->region, false, &unknown);

	return hazards_list(found, unknown, buf, size);
}

/* A cell_fn for struct region_row. */
static const char *region_cell(const void *data, size_t column, const struct report *report,
			char *buf, size_t size)
{
	const struct region_row *row = data;
	const struct identity *identity = &row->about->identity;
	const char *class = region_class_names[row->region->class];

	switch (column) {
	case COLUMN_PID:
		snprintf(buf, size, "%d", row->about->process->tid);
		return buf;
	case COLUMN_START:
		return number_hex(buf, row->start);
	case COLUMN_END:
		return number_hex(buf, row->end);
	case COLUMN_SIZE:
		return size_cell(row, report, buf, size);
	case COLUMN_PERM:
		return perm_cell(row, buf);
	case COLUMN_CLASS:
		return class ? class : "";
	case COLUMN_SEALED:
		return sealed_cell(row);
	case COLUMN_TYPES:
		return types_cell(row, buf, size);
	case COLUMN_RESULT:
		return row->item ? plan_result_names[row->item->result] : "";
	case COLUMN_REASON:
		return row->item ? plan_item_reason(row->item) : "";
	case COLUMN_COMMAND:
		return row->about->process->comm;
	case COLUMN_ARGS:
		return identity->args;
	case COLUMN_USER:
		return identity->user;
	case COLUMN_UNIT:
		return identity->unit;
	case COLUMN_EXE:
		return identity->exe;
	case COLUMN_OBJECT:
		return object_cell(row);
	case COLUMN_HAZARD:
		return hazard_cell(row, buf, size);
	case COLUMN_DLOPENED:
		return row->region->image ? dlopened_words[row->region->image->dlopened] : "";
	default:
		return row->region->vma->name;
	}
}

bool region_report_needs_dlopened(const struct report *report)
{
	for (size_t i = 0; i < report->selected_count; i++)
		if (report->selected[i] == COLUMN_DLOPENED || report->selected[i] == COLUMN_HAZARD)
			return true;
	return false;
}

static void read_about(struct about *ret, const struct report *report,
		       const struct process *process)
{
	static const unsigned parts_of[] = {
		[COLUMN_ARGS] = IDENTITY_ARGS, [COLUMN_USER] = IDENTITY_USER,
		[COLUMN_UNIT] = IDENTITY_UNIT, [COLUMN_EXE] = IDENTITY_EXE,
		[COLUMN_NAME] = 0,
	};
	unsigned parts = 0;

	*ret = (struct about){ .process = process };
	for (size_t i = 0; i < report->selected_count; i++) {
		parts |= parts_of[report->selected[i]];
		if (report->selected[i] == COLUMN_HAZARD)
			hazard_facts_read(&ret->facts, process->tid);
	}
	identity_read(&ret->identity, process, parts);
}

/* What a line of totals counts, in its order. */
enum tally {
	TALLY_NO_VMA, TALLY_SEALED, TALLY_ALREADY, TALLY_WOULD_SEAL, TALLY_SKIPPED, TALLY_FAILED,
	TALLY_UNSEALED, TALLY_UNKNOWN, TALLY_COUNT,
};

/* NULL for what cannot be sealed at all. */
static const char *const tally_words[TALLY_COUNT] = {
	[TALLY_SEALED] = "sealed", [TALLY_ALREADY] = "already", [TALLY_WOULD_SEAL] = "would-seal",
	[TALLY_SKIPPED] = "skipped", [TALLY_FAILED] = "failed", [TALLY_UNSEALED] = "not sealed",
	[TALLY_UNKNOWN] = "not known",
};

/* What ROW counts as: by what was done, or by its state alone. */
static enum tally tally_of(const struct region_row *row, bool outcome)
{
	static const enum tally of_result[PLAN_RESULT_COUNT] = {
		[PLAN_SEALED] = TALLY_SEALED, [PLAN_ALREADY] = TALLY_ALREADY,
		[PLAN_WOULD_SEAL] = TALLY_WOULD_SEAL, [PLAN_SKIPPED] = TALLY_SKIPPED,
		[PLAN_FAILED] = TALLY_FAILED,
	};

	if (outcome)
		return of_result[row->item->result];
	if (row->region->class == CLASS_NONE)
		return TALLY_NO_VMA;
	if (row->seal == SEAL_UNKNOWN)
		return TALLY_UNKNOWN;
	if (row->item)
		return row->item->result == PLAN_ALREADY ? TALLY_SEALED : TALLY_UNSEALED;
	return row->seal == SEAL_SEALED ? TALLY_SEALED : TALLY_UNSEALED;
}

/* "4242 nginx: 38 sealed, 2 already"; of a plan in colours, as something is asked for. */
static void print_totals(struct report *report, const struct process *process,
			 const size_t counts[TALLY_COUNT], const struct plan *plan)
{
	char name[4 * sizeof(process->comm) + 1], line[1024];
	cleanup_free char *cut = NULL;
	int used;

	text_make_printable(name, process->comm);
	cut = report->room < SIZE_MAX ? text_cut(name, NAME_WIDTH, false) : NULL;
	used = snprintf(line, sizeof(line), "%d %s:", process->tid, cut ? cut : name);
	for (size_t i = 0, n = 0; i < TALLY_COUNT; i++) {
		const char *word = tally_words[i], *color;

		if (counts[i] == 0 || !word)
			continue;
		color = plan ? report_color(report, word) : "";
		used += snprintf(line + used, sizeof(line) - (size_t)used, "%s %s%zu %s%s",
				 n++ ? "," : "", color, counts[i], word,
				 *color ? REPORT_NO_COLOR : "");
	}
	report_line(report, line);
}

/* Row I of REGIONS, or of PLAN if there is one. */
static struct region_row row_at(const struct about *about, const struct regions *regions,
				const struct plan *plan, size_t i)
{
	const struct plan_item *item = plan ? &plan->items[i] : NULL;
	const struct region *region = plan ? item->region : &regions->items[i];

	if (plan)
		return (struct region_row){
			.about = about, .start = item->start, .end = item->end,
			.region = region, .seal = item->seal, .types = item->types,
			.item = item,
		};
	return (struct region_row){
		.about = about, .start = region->start, .end = region->end,
		.region = region, .seal = region->vma->seal, .types = region->vma->types,
	};
}

void region_report_add(struct report *report, const struct process *process,
		       const struct regions *regions, const struct plan *plan,
		       const struct region_view *view)
{
	size_t count = plan ? plan->count : regions->count, counts[TALLY_COUNT] = { 0 };
	struct about about;

	read_about(&about, report, process);
	if (report_is_plain(report->options) && count > 0) {
		for (size_t i = 0; i < count; i++) {
			struct region_row row = row_at(&about, regions, plan, i);

			counts[tally_of(&row, view->outcome)]++;
		}
		print_totals(report, process, counts, plan);
	}
	if (report->options->map)
		map_draw(report, regions, plan);
	for (size_t i = 0; i < count && !report->options->summary && !report->options->map; i++) {
		struct region_row row = row_at(&about, regions, plan, i);

		if (view->all || tally_of(&row, view->outcome) >= TALLY_SKIPPED)
			report_add(report, &row, region_cell);
	}
	report_flush(report);
	hazard_facts_free(&about.facts);
}
