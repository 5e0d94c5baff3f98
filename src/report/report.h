/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REPORT_H
#define MSEALCTL_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "exit-status.h"
#include "smartcols.h"

/* How the text of a cell is written in JSON, where empty text is null. */
enum cell_type {
	CELL_STRING,
	CELL_NUMBER,		/* digits */
	CELL_BOOLEAN,		/* "yes" or "no" */
};

/* How the cells of a column are printed in tables. */
enum cell_style {
	ALIGN_RIGHT = 1 << 0,
	COLORED     = 1 << 1,	/* result words, which have colours on a terminal */
	CUT_START   = 1 << 2,	/* in a narrow terminal, its text loses its start */
	CUT_END     = 1 << 3,	/* in a narrow terminal, its text loses its end */
};

/* The width at first, where each row is printed before the next is known. */
#define LEAST_WIDTH(columns) ((unsigned)(columns) << 8)
#define LEAST_WIDTH_OF(style) ((size_t)(style) >> 8 & 0xff)
/* The width that its text is never cut below; 8 without it. */
#define CUT_LEAST(columns) ((unsigned)(columns) << 16)
#define CUT_LEAST_OF(style) ((style) >> 16 ? (size_t)(style) >> 16 : 8)

struct column {
	const char *name;
	enum cell_type type;
	unsigned style;		/* enum cell_style bits | LEAST_WIDTH() | CUT_LEAST() */
	const char *help;
};

/* A kind of report: its name in JSON and all its columns. */
struct report_kind {
	const char *name;
	const struct column *columns;
	size_t count;
};

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* The options that choose what is printed, and how. */
struct report_options {
	char *columns;		/* NULL: the default ones; "+LIST" adds to them */
	bool all_columns;
	bool no_headings, raw, json, bytes;
	bool summary;		/* no rows */
	bool map;		/* a picture in place of rows */
	char *sort;		/* the column to order the rows by, with - in reverse; or NULL */
	bool no_truncate;
	enum color_mode color;
};

/* Columns that a row may have: those of the terminal, or SIZE_MAX where nothing is cut. */
size_t report_room(const struct report_options *options);

struct report;

/* The text of one cell.  BUF is scratch space; "" (not NULL) means unknown. */
typedef const char *cell_fn(const void *row, size_t column, const struct report *report,
			    char *buf, size_t size);

/* Printed for an unknown cell, since a blank would shift the following ones. */
#define REPORT_UNKNOWN "-"

#define REPORT_COLUMNS_MAX 48
#define REPORT_CELL_SIZE 128

/* Rows on their way to stdout. */
struct report {
	const struct report_kind *kind;
	const struct report_options *options;
	size_t selected[REPORT_COLUMNS_MAX];	/* indices of kind->columns */
	size_t selected_count;
	struct smartcols scols;
	struct libscols_table *table;	/* of rows not printed yet; NULL for a quiet report */
	struct libscols_column *columns[REPORT_COLUMNS_MAX];	/* those selected, */
	size_t widths[REPORT_COLUMNS_MAX];	/* with their least width */
	size_t natural[REPORT_COLUMNS_MAX];	/* the widest cell, of those not cut in this lot */
	size_t sort;		/* column to order by, if ->options->sort, */
	struct libscols_column *sort_keys;	/* whose cells are here as well, not shown */
	size_t room;		/* columns of the terminal; SIZE_MAX if rows may be longer */
	size_t waiting;		/* rows in the table, */
	size_t json_size;	/* which take no more room than this as JSON */
	bool begun;		/* some rows were printed */
	bool colored;
	/* may print to stdout what follows the rows in a JSON document: ",\"key\": ..." */
	void (*print_json_end)(void *context);
	void *json_end_context;
	int error;		/* -errno; then nothing more is printed */
};

/*
 * Choose the columns: DEFAULTS (a list like --output's) as changed by OPTIONS.  A QUIET
 * report prints nothing.  Returns 0, or -errno after a message.
 */
int report_init(struct report *ret, const struct report_kind *kind, const char *defaults,
		const struct report_options *options, bool quiet);

/* Is COLUMN shown, or needed for the order? */
bool report_needs(const struct report *report, size_t column);

/* Add ROW, whose selected columns CELL makes. */
void report_add(struct report *report, const void *row, cell_fn *cell);

/*
 * Is it a table for people, with default columns?  Only there lines of text belong between the
 * rows, and rows that matter little may be left out.
 */
bool report_is_plain(const struct report_options *options);

/* Print the rows that were added so far, then LINE, whose words report_color() may colour. */
void report_line(struct report *report, const char *line);

/* The same for text with names in it: it is made printable, and cut to the terminal. */
void report_text(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What switches the colour of WORD on: "" if it has none, or if there are no colours. */
const char *report_color(const struct report *report, const char *word);
#define REPORT_NO_COLOR "\033[0m"

/* Print the rows that were added so far. */
void report_flush(struct report *report);

/* The errno of the first write to stdout that failed, or 0. */
int report_output_error(void);

/* Print the rest and free it all.  Returns STATUS_OK, or STATUS_ERROR after a message. */
enum exit_status report_finish(struct report *report);

/* Print the names and descriptions of all columns. */
void report_list_columns(const struct report_kind *kind);

#endif
