/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "text.h"

#define GAP "  "

/* Colours of result words; a word that is not listed has none. */
static const struct { const char *word, *color; } colors[] = {
	{ "sealed", "\033[32m" },
	{ "already", "\033[32m" },
	{ "full", "\033[32m" },
	{ "yes", "\033[32m" },
	{ "would-seal", "\033[36m" },
	{ "skipped", "\033[33m" },
	{ "partial", "\033[33m" },
	{ "failed", "\033[31m" },
};

#define COLOR_END "\033[0m"

static bool wants_color(const struct report_options *options)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->color != COLOR_AUTO)
		return options->color == COLOR_ALWAYS;
	/* https://no-color.org: set, and not empty */
	return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

static const char *color_of(const char *cell)
{
	for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++)
		if (strcmp(colors[i].word, cell) == 0)
			return colors[i].color;
	return NULL;
}

static void pad(size_t n)
{
	static const char spaces[] = "                                ";

	for (; n >= sizeof(spaces) - 1; n -= sizeof(spaces) - 1)
		fputs(spaces, stdout);
	fwrite(spaces, 1, n, stdout);
}

static void print_cell(const struct column *column, const char *cell, size_t cell_width,
		       size_t width, bool last, bool colored)
{
	const char *color = colored && column->colored ? color_of(cell) : NULL;
	size_t fill = width > cell_width ? width - cell_width : 0;

	if (column->right)
		pad(fill);
	if (color)
		fputs(color, stdout);
	fputs(cell, stdout);
	if (color)
		fputs(COLOR_END, stdout);
	/* the last column has nothing behind it to be aligned */
	if (last)
		putchar('\n');
	else if (column->right)
		fputs(GAP, stdout);
	else
		pad(fill + strlen(GAP));
}

/* Cells that could upset a terminal, with those bytes escaped; NULL when out of memory. */
static char *printable_text(const struct report *r, size_t cells)
{
	size_t size = 0, used = 0;
	const char *cell = r->text;
	char *out;

	/* worst case: every byte becomes \xNN */
	for (size_t i = 0; i < cells; i++) {
		size += 4 * strlen(cell) + 1;
		cell += strlen(cell) + 1;
	}
	out = malloc(size + 1);
	cell = r->text;
	for (size_t i = 0; out && i < cells; i++) {
		used += text_make_printable(out + used, cell) + 1;
		cell += strlen(cell) + 1;
	}
	return out;
}

static void print_rows(const struct report *r, const char *text, const size_t *widths)
{
	bool colored = wants_color(r->options);
	size_t last = r->selected_count - 1;
	const char *cell = text;

	for (size_t i = 0; !r->options->no_headings && i <= last; i++) {
		const struct column *column = &r->kind->columns[r->selected[i]];

		print_cell(column, column->name, strlen(column->name), widths[i], i == last,
			   false);
	}
	for (size_t n = 0; n < r->rows; n++) {
		for (size_t i = 0; i <= last; i++) {
			const char *shown = cell[0] || i == last ? cell : REPORT_UNKNOWN;

			print_cell(&r->kind->columns[r->selected[i]], shown,
				   text_width(shown), widths[i], i == last, colored);
			cell += strlen(cell) + 1;
		}
	}
}

int table_print(const struct report *r)
{
	size_t widths[REPORT_COLUMNS_MAX] = { 0 };
	size_t cells = r->rows * r->selected_count;
	cleanup_free char *text = NULL;
	const char *cell;

	if (r->rows == 0)
		return 0;
	text = printable_text(r, cells);
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; !r->options->no_headings && i < r->selected_count; i++)
		widths[i] = strlen(r->kind->columns[r->selected[i]].name);
	cell = text;
	for (size_t i = 0; i < cells; i++) {
		size_t width = text_width(cell), column = i % r->selected_count;

		if (width > widths[column])
			widths[column] = width;
		cell += strlen(cell) + 1;
	}
	print_rows(r, text, widths);
	return 0;
}
