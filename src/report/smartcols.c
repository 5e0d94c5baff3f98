/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "smartcols.h"

#include "library.h"

/* That of all versions of libsmartcols so far. */
#define SONAME "libsmartcols.so.1"
LIBRARY_NOTE("reports", "Printing tables and JSON", SONAME);

#define FUNCTION(name) { "scols_" #name, offsetof(struct smartcols, name) }

int smartcols_load(struct smartcols *ret)
{
	static const struct library_function functions[] = {
		FUNCTION(new_table), FUNCTION(unref_table), FUNCTION(table_set_name),
		FUNCTION(table_enable_json), FUNCTION(table_enable_raw),
		FUNCTION(table_enable_noheadings), FUNCTION(table_enable_colors),
		FUNCTION(table_set_termforce), FUNCTION(table_get_line), FUNCTION(cell_get_data),
		FUNCTION(cell_refer_data), FUNCTION(table_enable_noencoding),
		FUNCTION(table_new_column), FUNCTION(column_set_json_type),
		FUNCTION(column_set_cmpfunc), FUNCTION(sort_table), FUNCTION(column_set_wrapfunc),
		FUNCTION(column_get_width), FUNCTION(table_new_line), FUNCTION(table_remove_lines),
		FUNCTION(line_refer_data), FUNCTION(line_get_cell), FUNCTION(cell_set_color),
		FUNCTION(print_table), FUNCTION(table_set_stream),
	};

	return library_load(ret, SONAME, functions, sizeof(functions) / sizeof(functions[0]));
}
