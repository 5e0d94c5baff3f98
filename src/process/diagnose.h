/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_DIAGNOSE_H
#define MSEALCTL_DIAGNOSE_H

#include <stdbool.h>

/* The true cause of a refusal, in words. */
struct diagnosis {
	char reason[256];
	char hint[256];		/* "" if nothing can be done about it */
};

/*
 * Why an attempt to read (or, if TRACING, to ptrace) PID ended with ERROR, a
 * -errno.  EPERM and ESRCH have a dozen causes each; this looks for the true one.
 */
void diagnose_access(struct diagnosis *ret, int pid, int error, bool tracing);

/* The Yama ptrace_scope (ptrace(2)), or -1 without Yama. */
int diagnose_yama_scope(void);

#endif
