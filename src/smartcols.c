/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "smartcols.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Of every libsmartcols there has been. */
#define SONAME "libsmartcols.so.1"

#define FUNCTION(name) { "scols_" #name, offsetof(struct smartcols, name) }

static const struct {
	const char *symbol;
	size_t offset;
} functions[] = {
	FUNCTION(new_table), FUNCTION(unref_table), FUNCTION(table_set_name),
	FUNCTION(table_enable_json), FUNCTION(table_enable_raw),
	FUNCTION(table_enable_noheadings), FUNCTION(table_new_column),
	FUNCTION(column_set_json_type), FUNCTION(table_new_line), FUNCTION(line_refer_data),
	FUNCTION(print_table),
};

int smartcols_load(struct smartcols *ret)
{
	void *library = dlopen(SONAME, RTLD_NOW);

	if (!library)
		return -ELIBACC;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].symbol);

		if (!function)
			return -ELIBACC;
		memcpy((char *)ret + functions[i].offset, &function, sizeof(function));
	}
	return 0;
}
