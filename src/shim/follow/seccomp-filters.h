/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SECCOMP_FILTERS_H
#define MSEALCTL_SECCOMP_FILTERS_H

#include <stddef.h>
#include <stdint.h>

/* Enough of /proc/PID/status. */
#define FILTERS_BUFFER_SIZE ((size_t)4096)

/*
 * Count the seccomp filters of the calling thread.  Read from /proc, as a filter could end
 * the process for seccomp(2) or prctl(2), while a process that loads objects must be allowed
 * to open and read files.  BUF is scratch space, as stacks may be small.  Returns 0 or
 * -errno.
 */
int filters_count(char buf[FILTERS_BUFFER_SIZE], uint64_t *ret);

#endif
