/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LATE_STDERR_H
#define MSEALCTL_LATE_STDERR_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * May the standard error still be written to, long after the start?  It has to be what it
 * was THEN, and somebody has to read it.  FILTERED: a seccomp filter was added since.
 */
bool late_stderr(const struct stat *then, bool filtered);

/* What it is; nothing that it could be later, if it is closed. */
void late_stderr_remember(struct stat *ret);

#endif
