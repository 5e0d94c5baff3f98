/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "columns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "log.h"
#include "nearest.h"

static int find_column(const struct report_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->count; i++)
		if (strcasecmp(kind->columns[i].name, name) == 0)
			return (int)i;
	return -1;
}

static void log_unknown_column(const struct report_kind *kind, const char *option,
			       const char *word)
{
	struct nearest nearest = { .word = word };

	log_error("%s: '%s': unknown column", option, word);
	for (size_t i = 0; i < kind->count; i++)
		nearest_offer(&nearest, kind->columns[i].name);
	nearest_hint(&nearest);
	log_hint("--list-columns shows all of them");
}

static bool is_selected(const struct report *r, size_t column)
{
	for (size_t i = 0; i < r->selected_count; i++)
		if (r->selected[i] == column)
			return true;
	return false;
}

static int select_columns(struct report *r, const char *list)
{
	cleanup_free char *copy = strdup(list);
	char *rest = copy, *word;

	if (!copy) {
		log_error("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	while ((word = strsep(&rest, ","))) {
		int column = find_column(r->kind, word);

		if (column < 0) {
			log_unknown_column(r->kind, "--output", word);
			return -EINVAL;
		}
		/* an object of JSON has each key once */
		if (r->options->json && is_selected(r, (size_t)column))
			continue;
		if (r->selected_count == REPORT_COLUMNS_MAX) {
			log_error("--output: too many columns");
			return -EINVAL;
		}
		r->selected[r->selected_count++] = (size_t)column;
	}
	return 0;
}

static int select_shown(struct report *r, const char *defaults)
{
	const char *list = r->options->columns;
	bool adds = list && list[0] == '+';
	int error = 0;

	if (r->options->all_columns) {
		while (r->selected_count < r->kind->count) {
			r->selected[r->selected_count] = r->selected_count;
			r->selected_count++;
		}
		return 0;
	}
	if (!list || adds)
		error = select_columns(r, defaults);
	return error == 0 && list ? select_columns(r, list + adds) : error;
}

static int select_sort(struct report *r)
{
	const char *name = r->options->sort;
	int column = name ? find_column(r->kind, name + (name[0] == '-')) : 0;

	if (column < 0) {
		log_unknown_column(r->kind, "--sort", name + (name[0] == '-'));
		return -EINVAL;
	}
	r->sort = (size_t)column;
	return 0;
}

bool report_needs(const struct report *r, size_t column)
{
	return is_selected(r, column) || (r->options->sort && r->sort == column);
}

int columns_select(struct report *r, const char *defaults)
{
	int error = select_shown(r, defaults);

	return error == 0 ? select_sort(r) : error;
}

void report_list_columns(const struct report_kind *kind)
{
	int width = 0;

	for (size_t i = 0; i < kind->count; i++)
		if ((int)strlen(kind->columns[i].name) > width)
			width = (int)strlen(kind->columns[i].name);
	for (size_t i = 0; i < kind->count; i++)
		printf("%-*s  %s\n", width, kind->columns[i].name, kind->columns[i].help);
}
