/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PRINTABLE_H
#define MSEALCTL_PRINTABLE_H

#include <stddef.h>

/*
 * Names of files and programs may hold any byte; a terminal obeys some.  The length of the
 * character at the beginning of the LEN bytes S if it is one of those, 0 if it is not: ASCII's
 * controls, and in UTF-8 the C1 controls and the format characters of Unicode, which are
 * invisible or reverse the order of what follows.
 */
size_t unprintable(const char *s, size_t len);

#endif
