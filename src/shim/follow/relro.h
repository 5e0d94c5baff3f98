/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RELRO_H
#define MSEALCTL_RELRO_H

#include <stddef.h>

/*
 * Attribute of a variable that is written once, with relro_write(), after the loader has
 * made it read-only.  It has to be volatile, as the compiler sees nothing write to it.  An
 * object that has no other variables costs no writable page.
 */
#define RELRO __attribute__((section(".data.rel.ro")))

/* Copy LEN bytes to TO, such a variable or a part of one.  Returns 0 or -errno. */
int relro_write(volatile void *to, const void *from, size_t len);

#endif
