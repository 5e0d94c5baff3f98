/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SHIM_FILTERS_H
#define MSEALCTL_SHIM_FILTERS_H

#include <stdint.h>

/*
 * How many seccomp filters the calling thread has, from /proc: asking the kernel would be
 * a system call that a filter may end the process for, while a loader must be able to open
 * and read files.  Returns 0 or -errno.  Not for two threads at once.
 */
int filters_count(uint64_t *ret);

#endif
