/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_KERNEL_TRIAL_H
#define MSEALCTL_KERNEL_TRIAL_H

#include <stdbool.h>

#include "maps.h"

/* How the kernel treats a child: versions say little about what it allows. */
struct kernel_trial {
	int error;		/* -errno: there was no trial */
	bool refused;		/* mprotect of the page it sealed failed with EPERM */
	enum seal_state seal;	/* of that page, in smaps */
	enum seal_state vdso;	/* in smaps: the kernel may seal it by itself */
	bool seized;		/* PTRACE_SEIZE worked */
	int seize_errno;
	bool suspended;		/* PTRACE_O_SUSPEND_SECCOMP worked */
	int suspend_errno;
	int userfaultfd_error;	/* 0, or -errno: userfaultfd(2) for faults in user mode */
};

/* Make the trial, in a child that has been reaped on return. */
void kernel_trial_run(struct kernel_trial *ret);

/* Try PROCMAP_QUERY (Linux 6.11) on our own maps.  Returns 0 or -errno. */
int kernel_trial_procmap_query(void);

#endif
