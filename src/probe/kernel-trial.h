/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_KERNEL_TRIAL_H
#define MSEALCTL_KERNEL_TRIAL_H

#include <stdbool.h>

#include "maps.h"

/* What came of trying things on a child of our own, instead of believing versions. */
struct trial {
	int error;		/* -errno if there was no trial */
	bool refused;		/* mprotect of the page it sealed ended with EPERM */
	enum seal_state seal;	/* of that page, in smaps */
	enum seal_state vdso;	/* of the vdso, in smaps: what the kernel sealed itself */
	bool seized;		/* we could seize it */
	int seize_errno;
	bool suspended;		/* and could suspend its seccomp filters */
	int suspend_errno;
};

void trial_run(struct trial *ret);

/* Does PROCMAP_QUERY (Linux 6.11) work on our own maps?  0 or -errno. */
int trial_procmap_query(void);

#endif
