/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SMARTCOLS_H
#define MSEALCTL_SMARTCOLS_H

#include <libsmartcols.h>

/* The functions of libsmartcols that a report needs, which exec does not (library.h). */
struct smartcols {
	__typeof__(scols_new_table) *new_table;
	__typeof__(scols_unref_table) *unref_table;
	__typeof__(scols_table_set_name) *table_set_name;
	__typeof__(scols_table_enable_json) *table_enable_json;
	__typeof__(scols_table_enable_raw) *table_enable_raw;
	__typeof__(scols_table_enable_noheadings) *table_enable_noheadings;
	__typeof__(scols_table_enable_colors) *table_enable_colors;
	__typeof__(scols_table_enable_noencoding) *table_enable_noencoding;
	__typeof__(scols_table_set_termforce) *table_set_termforce;
	__typeof__(scols_table_get_line) *table_get_line;
	__typeof__(scols_cell_get_data) *cell_get_data;
	__typeof__(scols_cell_refer_data) *cell_refer_data;
	__typeof__(scols_table_new_column) *table_new_column;
	__typeof__(scols_column_set_json_type) *column_set_json_type;
	__typeof__(scols_column_set_cmpfunc) *column_set_cmpfunc;
	__typeof__(scols_sort_table) *sort_table;
	__typeof__(scols_column_set_wrapfunc) *column_set_wrapfunc;
	__typeof__(scols_column_get_width) *column_get_width;
	__typeof__(scols_table_new_line) *table_new_line;
	__typeof__(scols_table_remove_lines) *table_remove_lines;
	__typeof__(scols_line_refer_data) *line_refer_data;
	__typeof__(scols_line_get_cell) *line_get_cell;
	__typeof__(scols_cell_set_color) *cell_set_color;
	__typeof__(scols_print_table) *print_table;
	__typeof__(scols_table_set_stream) *table_set_stream;
};

/* Load libsmartcols.  Returns 0, or -ELIBACC if it or one of the functions is missing. */
int smartcols_load(struct smartcols *ret);

#endif
