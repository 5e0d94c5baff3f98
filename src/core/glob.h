/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_GLOB_H
#define MSEALCTL_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Does PATTERN (PLEN bytes) match the whole of S (SLEN bytes)?
 *
 * '*' matches any run of bytes, '/' included; '?' any one byte; '\' makes the
 * next byte literal; everything else, brackets too, stands for itself: names
 * such as "[heap]" are typed as they are shown.  fnmatch(3) has no such mode,
 * and is exponential for some patterns; this takes at most PLEN * SLEN steps.
 */
bool glob_match(const char *pattern, size_t plen, const char *s, size_t slen);

#endif
