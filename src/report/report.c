/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "log.h"
#include "smartcols.h"
#include "table.h"
#include "text.h"

static int find_column(const struct report_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->count; i++)
		if (strcasecmp(kind->columns[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int select_columns(struct report *r, const char *list)
{
	char *copy = strdup(list), *rest = copy, *word;
	int error = copy ? 0 : -ENOMEM;

	while (error == 0 && (word = strsep(&rest, ","))) {
		int column = find_column(r->kind, word);

		if (column < 0) {
			log_error("%s: unknown column", word);
			error = -EINVAL;
		} else if (r->selected_count == REPORT_COLUMNS_MAX) {
			log_error("too many columns");
			error = -EINVAL;
		} else {
			r->selected[r->selected_count++] = (size_t)column;
		}
	}
	free(copy);
	return error;
}

int report_init(struct report *ret, const struct report_kind *kind, const char *defaults,
		const struct report_options *options)
{
	const char *list = options->columns;
	bool adds = list && list[0] == '+';
	int r = 0;

	*ret = (struct report){ .kind = kind, .options = options };
	if (options->all_columns) {
		for (size_t i = 0; i < kind->count; i++)
			ret->selected[ret->selected_count++] = i;
		return 0;
	}
	if (!list || adds)
		r = select_columns(ret, defaults);
	if (r == 0 && list)
		r = select_columns(ret, list + adds);
	return r;
}

static void append_cell(struct report *r, const char *text)
{
	size_t len = strlen(text) + 1;

	if (r->failed)
		return;
	if (len > r->text_size - r->text_len) {
		size_t size = 2 * r->text_size + len + 4096;
		char *grown = realloc(r->text, size);

		if (!grown) {
			r->failed = true;
			return;
		}
		r->text = grown;
		r->text_size = size;
	}
	memcpy(r->text + r->text_len, text, len);
	r->text_len += len;
}

void report_add(struct report *r, const void *row, cell_fn *cell)
{
	char buf[REPORT_CELL_SIZE];

	for (size_t i = 0; i < r->selected_count; i++)
		append_cell(r, cell(row, r->selected[i], r, buf, sizeof(buf)));
	r->rows++;
}

/*
 * libsmartcols writes JSON booleans only as true or false; a number is written
 * as it is, and an empty cell of that type as null, which is what we promise.
 */
static int json_type(enum cell_type type)
{
	switch (type) {
	case CELL_NUMBER:
	case CELL_BOOLEAN:
		return SCOLS_JSON_NUMBER;
	case CELL_STRING:
		break;
	}
	return SCOLS_JSON_STRING;
}

static int add_scols_columns(const struct smartcols *scols, struct libscols_table *table,
			     const struct report *r)
{
	for (size_t i = 0; i < r->selected_count; i++) {
		const struct column *column = &r->kind->columns[r->selected[i]];
		struct libscols_column *c =
			scols->table_new_column(table, column->name, 0, 0);

		if (!c)
			return -ENOMEM;
		scols->column_set_json_type(c, json_type(column->type));
	}
	return 0;
}

/* CELL as JSON wants it, malloc'ed. */
static char *json_cell(const char *cell, enum cell_type type)
{
	if (type == CELL_BOOLEAN && cell[0])
		return strdup(strcmp(cell, "yes") == 0 ? "true" : "false");
	if (type == CELL_STRING)
		return text_make_utf8(cell);
	return strdup(cell);
}

static int add_scols_rows(const struct smartcols *scols, struct libscols_table *table,
			  const struct report *r)
{
	const char *cell = r->text;

	for (size_t row = 0; row < r->rows; row++) {
		struct libscols_line *line = scols->table_new_line(table, NULL);

		if (!line)
			return -ENOMEM;
		for (size_t i = 0; i < r->selected_count; i++) {
			enum cell_type type = r->kind->columns[r->selected[i]].type;
			char *data = r->options->json ? json_cell(cell, type) :
				     strdup(cell[0] ? cell : REPORT_UNKNOWN);

			if (!data || scols->line_refer_data(line, i, data) != 0)
				return -ENOMEM;
			cell += strlen(cell) + 1;
		}
	}
	return 0;
}

static int print_scols(const struct report *r)
{
	struct libscols_table *table;
	struct smartcols scols;
	int error = smartcols_load(&scols);

	if (error < 0)
		return error;
	table = scols.new_table();
	if (!table)
		return -ENOMEM;
	scols.table_set_name(table, r->kind->name);
	scols.table_enable_json(table, r->options->json);
	scols.table_enable_raw(table, r->options->raw);
	scols.table_enable_noheadings(table, r->options->no_headings);
	error = add_scols_columns(&scols, table, r);
	if (error == 0)
		error = add_scols_rows(&scols, table, r);
	if (error == 0)
		error = scols.print_table(table);
	scols.unref_table(table);
	return error;
}

static int print(const struct report *r)
{
	if (r->failed)
		return -ENOMEM;
	if (r->options->json || r->options->raw)
		return print_scols(r);
	return table_print(r);
}

enum exit_status report_finish(struct report *r, bool quiet)
{
	int error = quiet ? 0 : print(r);

	free(r->text);
	r->text = NULL;
	if (error < 0)
		log_error("cannot print the report: %s", strerror(-error));
	return error < 0 ? STATUS_ERROR : STATUS_OK;
}

void report_list_columns(const struct report_kind *kind)
{
	for (size_t i = 0; i < kind->count; i++)
		printf("%-8s %s\n", kind->columns[i].name, kind->columns[i].help);
}
