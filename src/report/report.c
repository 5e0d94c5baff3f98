/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "report.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "columns.h"
#include "log.h"
#include "number.h"
#include "order.h"
#include "text.h"

/* How many rows are measured and printed at a time: few enough for the processor's cache. */
#define LOT_ROWS 512

/* Room for what libsmartcols writes around a cell, and around all; and for a character of one. */
#define JSON_FRAME 128
#define JSON_CHAR strlen("\\u0000")

/* Colours of what is bad; what is well has none. */
static const struct { const char *word, *color; } colors[] = {
	{ "skipped", "\033[33m" },
	{ "partial", "\033[33m" },
	{ "not sealed", "\033[33m" },
	{ "failed", "\033[31m" },
	{ "open", "\033[31m" },
};

static bool wants_color(const struct report_options *options)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->color != COLOR_AUTO)
		return options->color == COLOR_ALWAYS;
	/* https://no-color.org: set, and not empty */
	return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

const char *report_color(const struct report *r, const char *word)
{
	for (size_t i = 0; r->colored && i < sizeof(colors) / sizeof(colors[0]); i++)
		if (strcmp(colors[i].word, word) == 0)
			return colors[i].color;
	return "";
}

/* Columns of the terminal that the rows go to, SIZE_MAX if it is none. */
static size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width;

	if (!isatty(STDOUT_FILENO))
		return SIZE_MAX;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return columns && number_parse(columns, 10, INT_MAX, &width) == 0 && width > 0 ? width : 80;
}

size_t report_room(const struct report_options *o)
{
	return o->no_truncate || o->raw || o->json ? SIZE_MAX : terminal_width();
}

/*
 * For libsmartcols, a boolean is true or false, but ours may be unknown.  The text of a
 * number is copied, and null if it is empty.
 */
static int json_type(enum cell_type type)
{
	return type == CELL_STRING ? SCOLS_JSON_STRING : SCOLS_JSON_NUMBER;
}

/*
 * The width of CELL, but at least that of the column in the first lot.  Cells have been
 * made printable and are mostly ASCII, which text_width() measures much faster than
 * libsmartcols does.
 */
static size_t measure(const struct libscols_column *column, const char *cell, void *context)
{
	const size_t *least = context;
	size_t width = text_width(cell);

	(void)column;
	return width > *least ? width : *least;
}

/* libsmartcols wants this with the above: no cell continues on a second line. */
static char *no_next_line(const struct libscols_column *column, char *cell, void *context)
{
	(void)column;
	(void)cell;
	(void)context;
	return NULL;
}

static int compare_keys(struct libscols_cell *a, struct libscols_cell *b, void *context)
{
	const struct report *r = context;

	return order_cells(r->scols.cell_get_data(a), r->scols.cell_get_data(b),
			   r->options->sort[0] == '-');
}

static int add_sort_keys(struct report *r)
{
	struct libscols_column *c = r->scols.table_new_column(r->table, "", 0, SCOLS_FL_HIDDEN);

	r->sort_keys = c;
	return c && r->scols.column_set_cmpfunc(c, compare_keys, r) == 0 ? 0 : -ENOMEM;
}

static int add_columns(struct report *r)
{
	for (size_t i = 0; i < r->selected_count; i++) {
		const struct column *column = &r->kind->columns[r->selected[i]];
		int flags = SCOLS_FL_WRAP | (column->style & ALIGN_RIGHT ? SCOLS_FL_RIGHT : 0);
		struct libscols_column *c =
			r->scols.table_new_column(r->table, column->name, 0, flags);

		if (!c)
			return -ENOMEM;
		r->scols.column_set_json_type(c, json_type(column->type));
		r->scols.column_set_wrapfunc(c, measure, no_next_line, &r->widths[i]);
		r->columns[i] = c;
		r->natural[i] = strlen(column->name);
		r->widths[i] = LEAST_WIDTH_OF(column->style);
	}
	return r->options->sort ? add_sort_keys(r) : 0;
}

static int make_table(struct report *r)
{
	int error = smartcols_load(&r->scols);

	if (error < 0)
		return error;
	r->table = r->scols.new_table();
	if (!r->table)
		return -ENOMEM;
	/* libsmartcols itself asks which bytes can be printed */
	if (r->options->raw || r->options->json)
		text_set_locale();
	r->colored = wants_color(r->options);
	r->room = report_room(r->options);
	if (r->scols.table_set_name(r->table, r->kind->name) != 0)
		return -ENOMEM;
	r->scols.table_enable_json(r->table, r->options->json);
	r->scols.table_enable_raw(r->table, r->options->raw);
	r->scols.table_enable_noheadings(r->table, r->options->no_headings);
	r->scols.table_enable_colors(r->table, r->colored);
	r->scols.table_enable_noencoding(r->table, true);
	/* rows are cut here, where the width is known to be that of a terminal */
	r->scols.table_set_termforce(r->table, SCOLS_TERMFORCE_NEVER);
	return add_columns(r);
}

int report_init(struct report *ret, const struct report_kind *kind, const char *defaults,
		const struct report_options *options, bool quiet)
{
	int error;

	*ret = (struct report){ .kind = kind, .options = options, .json_size = JSON_FRAME };
	error = columns_select(ret, defaults);
	if (error < 0 || quiet)
		return error;
	error = make_table(ret);
	if (error < 0) {
		log_error("cannot print a report: libsmartcols: %s", strerror(-error));
		if (ret->table)
			ret->scols.unref_table(ret->table);
	}
	return error;
}

static char *printable_copy(const char *text)
{
	char *copy = malloc(4 * strlen(text) + 1);

	if (copy)
		text_make_printable(copy, text);
	return copy;
}

/* TEXT as the output format needs it, malloc'ed. */
static char *format_cell(const struct report *r, const struct column *column, const char *text)
{
	if (r->options->json && column->type == CELL_BOOLEAN)
		return strdup(strcmp(text, "yes") == 0 ? "true" : "false");
	if (r->options->json)
		return text_make_utf8(text);
	return r->options->raw ? strdup(text) : printable_copy(text);
}

static int add_cell(struct report *r, struct libscols_line *line, size_t i,
		    const char *text)
{
	const struct column *column = &r->kind->columns[r->selected[i]];
	bool last = i + 1 == r->selected_count;
	const char *color;
	char *cell;

	r->json_size += JSON_FRAME + JSON_CHAR * strlen(text);
	/* an empty cell is null in JSON, and needs no mark at the end of a table's line */
	if (!text[0] && (r->options->json || (last && !r->options->raw)))
		return 0;
	cell = format_cell(r, column, text[0] ? text : REPORT_UNKNOWN);
	if (!cell)
		return -ENOMEM;
	if (r->scols.line_refer_data(line, i, cell) != 0) {
		free(cell);
		return -ENOMEM;
	}
	if (r->room < SIZE_MAX && text_width(cell) > r->natural[i])
		r->natural[i] = text_width(cell);
	color = column->style & COLORED ? report_color(r, text) : "";
	return *color ? r->scols.cell_set_color(r->scols.line_get_cell(line, i), color) : 0;
}

static int add_sort_key(struct report *r, struct libscols_line *line, const char *text)
{
	char *key = text[0] ? strdup(text) : NULL;

	if (text[0] && (!key || r->scols.line_refer_data(line, r->selected_count, key) != 0)) {
		free(key);
		return -ENOMEM;
	}
	return 0;
}

void report_add(struct report *r, const void *row, cell_fn *cell)
{
	struct libscols_line *line;
	char buf[REPORT_CELL_SIZE];

	if (r->error || !r->table)
		return;
	line = r->scols.table_new_line(r->table, NULL);
	if (!line)
		r->error = -ENOMEM;
	for (size_t i = 0; !r->error && i < r->selected_count; i++)
		r->error = add_cell(r, line, i, cell(row, r->selected[i], r, buf, sizeof(buf)));
	if (!r->error && r->options->sort)
		r->error = add_sort_key(r, line, cell(row, r->sort, r, buf, sizeof(buf)));
	if (!r->error && ++r->waiting == LOT_ROWS && !r->options->sort)
		report_flush(r);
}

static bool can_be_cut(const struct report *r, size_t i)
{
	return r->kind->columns[r->selected[i]].style & (CUT_START | CUT_END);
}

/* What column I is never cut below; its heading stays whole, unless nothing follows it. */
static size_t least_width(const struct report *r, size_t i)
{
	const struct column *column = &r->kind->columns[r->selected[i]];
	size_t least = CUT_LEAST_OF(column->style), heading = strlen(column->name);

	return heading > least && i + 1 < r->selected_count ? heading : least;
}

/*
 * Make the widest of the columns that can be cut narrower, until a row fits.  Returns false
 * if none does.
 */
static bool choose_widths(const struct report *r, size_t widths[])
{
	size_t sum = r->selected_count - 1;

	for (size_t i = 0; i < r->selected_count; i++) {
		size_t least = r->widths[i];

		/* the last one is not filled up with blanks */
		if (i + 1 == r->selected_count && least > least_width(r, i))
			least = least_width(r, i);
		widths[i] = r->natural[i] > least ? r->natural[i] : least;
		sum += widths[i];
	}
	for (; sum > r->room; sum--) {
		size_t widest = REPORT_COLUMNS_MAX;

		for (size_t i = 0; i < r->selected_count; i++)
			if (can_be_cut(r, i) && widths[i] > least_width(r, i) &&
			    (widest == REPORT_COLUMNS_MAX || widths[i] > widths[widest]))
				widest = i;
		if (widest == REPORT_COLUMNS_MAX)
			return false;
		widths[widest]--;
	}
	return true;
}

/* Cut the cells of column I to WIDTH. */
static int cut_column(struct report *r, size_t i, size_t width)
{
	bool at_start = r->kind->columns[r->selected[i]].style & CUT_START;

	for (size_t n = 0; n < r->waiting; n++) {
		struct libscols_cell *cell = r->scols.line_get_cell(
			r->scols.table_get_line(r->table, n), i);
		const char *text = r->scols.cell_get_data(cell);
		char *shorter;

		if (!text || text_width(text) <= width)
			continue;
		shorter = text_cut(text, width, at_start);
		if (!shorter)
			return -ENOMEM;
		r->scols.cell_refer_data(cell, shorter);
	}
	return 0;
}

/*
 * Cut the cells of the rows in the table to what the terminal has room for.  Rows that wrap
 * all the same are left whole.
 */
static int cut_rows(struct report *r)
{
	size_t widths[REPORT_COLUMNS_MAX];
	int error = 0;

	if (r->room == SIZE_MAX || !choose_widths(r, widths))
		return 0;
	for (size_t i = 0; !error && i < r->selected_count; i++) {
		if (!can_be_cut(r, i))
			continue;
		error = cut_column(r, i, widths[i]);
		r->widths[i] = widths[i];
	}
	return error;
}

/* Widen columns by blanks in the first row: libsmartcols 2.41 does not ask measure() for that. */
static int fill_row(struct report *r)
{
	struct libscols_line *line = r->scols.table_get_line(r->table, 0);

	for (size_t i = 0; i < r->selected_count; i++) {
		struct libscols_cell *cell = r->scols.line_get_cell(line, i);
		const char *text = r->scols.cell_get_data(cell);
		int blanks = text ? (int)r->widths[i] - (int)text_width(text) : 0;
		bool right = r->kind->columns[r->selected[i]].style & ALIGN_RIGHT;
		char *filled;

		/* nothing is behind the last one */
		if (blanks <= 0 || (i + 1 == r->selected_count && !right))
			continue;
		if (asprintf(&filled, "%*s%s%*s", right ? blanks : 0, "", text,
			     right ? 0 : blanks, "") < 0)
			return -ENOMEM;
		r->scols.cell_refer_data(cell, filled);
	}
	return 0;
}

/* What is not cut is as wide in the next lot as its cells there. */
static void end_lot(struct report *r)
{
	for (size_t i = 0; i < r->selected_count; i++) {
		if (!r->begun && LEAST_WIDTH_OF(r->kind->columns[r->selected[i]].style) == 0)
			r->widths[i] = r->scols.column_get_width(r->columns[i]);
		if (!can_be_cut(r, i))
			r->natural[i] = 0;
	}
}

/*
 * libsmartcols makes a whole document of each lot: print its rows as part of one document.
 * Not by open_memstream(3), which loses text without an error when memory is out.
 */
static int print_json(const struct report *r)
{
	cleanup_free char *text = malloc(r->json_size);
	FILE *stream = text ? fmemopen(text, r->json_size, "w") : NULL;
	const char *rows = text, *end;
	int error;

	if (!stream)
		return -ENOMEM;
	r->scols.table_set_stream(r->table, stream);
	error = r->scols.print_table(r->table);
	r->scols.table_set_stream(r->table, stdout);
	if (fclose(stream) != 0 || error)
		return error ? error : -ENOMEM;
	end = strrchr(text, ']');
	while (end[-1] == '\n' || end[-1] == ' ')
		end--;
	if (r->begun) {
		rows = strchr(strchr(text, '['), '{');
		putchar(',');
	}
	fwrite(rows, 1, (size_t)(end - rows), stdout);
	return 0;
}

/* Why standard output failed first: errno is another's by the end. */
static int output_error;

static void flush_output(void)
{
	if ((fflush(stdout) != 0 || ferror(stdout)) && !output_error)
		output_error = errno;
}

int report_output_error(void)
{
	return output_error;
}

void report_flush(struct report *r)
{
	log_progress_clear();
	if (r->error || r->waiting == 0)
		return;
	if (r->sort_keys)
		r->scols.sort_table(r->table, r->sort_keys);
	r->error = cut_rows(r);
	if (!r->error && !r->options->json && !r->options->raw)
		r->error = fill_row(r);
	if (!r->error)
		r->error = r->options->json ? print_json(r) : r->scols.print_table(r->table);
	end_lot(r);
	r->scols.table_enable_noheadings(r->table, true);
	r->scols.table_remove_lines(r->table);
	r->begun = true;
	r->waiting = 0;
	r->json_size = JSON_FRAME;
	flush_output();
}

bool report_is_plain(const struct report_options *o)
{
	return !o->columns && !o->all_columns && !o->raw && !o->json;
}

void report_line(struct report *r, const char *line)
{
	report_flush(r);
	if (r->error || !r->table)
		return;
	puts(line);
	flush_output();
}

void report_text(struct report *r, const char *format, ...)
{
	cleanup_free char *text = NULL, *printable = NULL, *cut = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	printable = text ? printable_copy(text) : NULL;
	cut = printable ? text_cut(printable, r->room, false) : NULL;
	if (!cut)
		r->error = -ENOMEM;
	else
		report_line(r, cut);
}

static void end_json(const struct report *r)
{
	fputs("\n   ]", stdout);
	if (r->print_json_end)
		r->print_json_end(r->json_end_context);
	puts("\n}");
}

enum exit_status report_finish(struct report *r)
{
	if (!r->table)
		return STATUS_OK;
	report_flush(r);
	if (!r->error && r->options->json) {
		if (!r->begun)
			r->error = print_json(r);
		if (!r->error)
			end_json(r);
	}
	r->scols.unref_table(r->table);
	r->table = NULL;
	if (r->error)
		log_error("cannot print the report: %s", strerror(-r->error));
	return r->error ? STATUS_ERROR : STATUS_OK;
}
