/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RELRO_H
#define MSEALCTL_RELRO_H

#include <stddef.h>

/*
 * For a variable that is written once, after the loader has made it read-only with the
 * rest of RELRO: who could change such a pointer could have any function called.  And an
 * object without any other variable costs no writable page.  Volatile, as the compiler
 * sees nobody write to it.
 */
#define RELRO __attribute__((section(".data.rel.ro")))

/* Copy LEN bytes to TO, which is such a variable, or part of one.  Returns 0 or -errno. */
int relro_write(volatile void *to, const void *from, size_t len);

#endif
