/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TRAP_TRIAL_H
#define MSEALCTL_TRAP_TRIAL_H

#include <stdbool.h>

/* What it takes to trace a program from its start, which not every machine has. */
struct trap_trial {
	bool calls;		/* PTRACE_GET_SYSCALL_INFO works (Linux 5.3) */
	bool traps;		/* debug registers stop a program */
};

/*
 * Try it on a child, which has been reaped on return; SIGCHLD should be blocked.  User-mode
 * Linux, emulators and some hypervisors accept writes to debug registers that then stop
 * nothing.  If the trial cannot be made, RET has calls but no traps.
 */
void trap_trial_run(struct trap_trial *ret);

#endif
