/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PRIVILEGES_H
#define MSEALCTL_PRIVILEGES_H

#include <stdbool.h>
#include <sys/capability.h>

/*
 * Give up every capability but CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH and, if KEEP_SYS_ADMIN,
 * CAP_SYS_ADMIN.  These stay permitted, and are effective only between
 * privileges_raise() and privileges_lower().  Not for exec, whose capabilities
 * are the program's.  Returns 0 or -errno; -ELIBACC if libcap cannot be loaded.
 */
int privileges_reduce(bool keep_sys_admin);

/*
 * Make CAP effective for the call that follows.  Does nothing without that capability or
 * before privileges_reduce(); the call itself then shows whether it is allowed.
 */
void privileges_raise(cap_value_t cap);

/*
 * The same for opening files of /proc/PID: CAP_SYS_PTRACE, and CAP_DAC_READ_SEARCH for those
 * that only the user of the process may read (auxv, environ, pagemap, syscall).
 */
void privileges_raise_to_open(void);

/* No capability is effective any more.  Leaves errno alone. */
void privileges_lower(void);

/*
 * For many calls in a row: what privileges_raise_to_open() raises stays effective up to
 * privileges_end(), whatever is raised and lowered in between.  May be nested.
 */
void privileges_begin(void);
void privileges_end(void);

/*
 * Is CAP permitted?  privileges_look(): 1, 0, or the error that keeps it from being known:
 * as privileges_reduce().  privileges_have(): false then as well.
 */
int privileges_look(cap_value_t cap);
bool privileges_have(cap_value_t cap);

#endif
