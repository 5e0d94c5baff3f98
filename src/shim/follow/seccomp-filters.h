/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SECCOMP_FILTERS_H
#define MSEALCTL_SECCOMP_FILTERS_H

#include <stddef.h>
#include <stdint.h>

/* Room for as much of /proc/PID/status as is needed. */
#define FILTERS_BUFFER_SIZE ((size_t)4096)

/*
 * How many seccomp filters the calling thread has, from /proc: asking the kernel would be
 * a system call that a filter may end the process for, while a loader must be able to open
 * and read files.  BUF is scratch space, as stacks may be small.  Returns 0 or -errno.
 */
int filters_count(char buf[FILTERS_BUFFER_SIZE], uint64_t *ret);

#endif
