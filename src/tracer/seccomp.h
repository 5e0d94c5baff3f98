/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SECCOMP_H
#define MSEALCTL_SECCOMP_H

#include <sys/types.h>

#include "remote-abi.h"

/*
 * Would the seccomp filters of the stopped thread TID let it make call NUMBER, with
 * the arguments in REGS?
 *
 * Returns 1 or 0; -ENODATA if it has none; -EACCES if they cannot be read, which needs
 * CAP_SYS_ADMIN, no seccomp filter on msealctl itself, and a kernel with
 * CONFIG_CHECKPOINT_RESTORE; or another -errno of PTRACE_SECCOMP_GET_FILTER, ptrace(2).
 */
int seccomp_permits(pid_t tid, const struct remote_abi *abi, const remote_regs *regs,
		    long number);

/*
 * Suspend the filters or the strict mode of the stopped thread TID for as long as it is
 * traced with PTRACE_O_SUSPEND_SECCOMP.  OPTIONS are its PTRACE_O_* so far.  Returns 0, or
 * -EACCES if that is not allowed, for the same reasons as above.
 */
int seccomp_suspend(pid_t tid, int options);

#endif
