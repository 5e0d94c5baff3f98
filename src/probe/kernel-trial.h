/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_KERNEL_TRIAL_H
#define MSEALCTL_KERNEL_TRIAL_H

#include <stdbool.h>

#include "maps.h"

/* The error of a trial whose process did not survive it. */
#define KERNEL_TRIAL_DIED (-1)

/*
 * How the kernel treats a child: versions say little about what it allows.  Errors are 0,
 * an errno, or KERNEL_TRIAL_DIED.
 */
struct kernel_trial {
	int error;		/* no page could be sealed and tried */
	bool refused;		/* mprotect of the sealed page failed with EPERM */
	enum seal_state seal;	/* of that page, in smaps */
	enum seal_state vdso;	/* in smaps: the kernel may seal it by itself */
	bool seized;		/* PTRACE_SEIZE worked */
	int seize_error;
	bool suspended;		/* PTRACE_O_SUSPEND_SECCOMP worked */
	int suspend_error;
	int userfaultfd_error;	/* of userfaultfd(2) for faults in user mode */
	int procmap_error;	/* of PROCMAP_QUERY (Linux 6.11) */
};

/* Make the trials, in children that have been reaped on return. */
void kernel_trial_run(struct kernel_trial *ret);

/* One of those errors in words. */
const char *kernel_trial_reason(int error);

#endif
