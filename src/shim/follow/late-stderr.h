/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LATE_STDERR_H
#define MSEALCTL_LATE_STDERR_H

#include <stdbool.h>
#include <sys/stat.h>

/* Remember which file standard error is; one that no file equals if it is closed. */
void late_stderr_remember(struct stat *ret);

/*
 * May standard error be written to, long after the start?  Only if it still is the file THEN
 * and has a reader, which FILTERED, a seccomp filter added since, keeps from being asked.
 */
bool late_stderr_is_usable(const struct stat *then, bool filtered);

#endif
