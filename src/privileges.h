/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PRIVILEGES_H
#define MSEALCTL_PRIVILEGES_H

#include <stdbool.h>
#include <sys/capability.h>

/*
 * Give up every capability but CAP_SYS_PTRACE, which stays effective if it is,
 * and, if KEEP_SYS_ADMIN, CAP_SYS_ADMIN, which stays permitted only.  Not for
 * exec, whose capabilities are the program's.  Returns 0 or -errno.
 */
int privileges_reduce(bool keep_sys_admin);

/*
 * Make CAP effective, or not.  Returns 0, -EPERM if it is not permitted, or
 * -errno.
 */
int privileges_set(cap_value_t cap, bool effective);

/* Is CAP permitted? */
bool privileges_have(cap_value_t cap);

#endif
