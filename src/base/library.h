/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LIBRARY_H
#define MSEALCTL_LIBRARY_H

#include <stddef.h>

/*
 * What exec does not need is loaded by who does: each library that ld.so loads takes a
 * thirtieth of the time that exec has, or more.
 */

/* A function of a library, and the place of the pointer to it in a struct of such. */
struct library_function {
	const char *symbol;
	size_t offset;
};

/* Load SONAME, and fill in RET's COUNT pointers.  Returns 0, or -ELIBACC if it is not as wanted. */
int library_load(void *ret, const char *soname, const struct library_function *functions,
		 size_t count);

#endif
