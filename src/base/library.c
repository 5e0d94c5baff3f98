/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int library_load(void *ret, const char *soname, const struct library_function *functions,
		 size_t count)
{
	void *library = dlopen(soname, RTLD_NOW);

	if (!library)
		return -ELIBACC;
	for (size_t i = 0; i < count; i++) {
		void *function = dlsym(library, functions[i].symbol);

		if (!function)
			return -ELIBACC;
		memcpy((char *)ret + functions[i].offset, &function, sizeof(function));
	}
	return 0;
}
