/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TRAP_TRIAL_H
#define MSEALCTL_TRAP_TRIAL_H

#include <stdbool.h>

/* What following a program from its start takes, and not every kernel and machine has. */
struct tracing {
	bool calls;		/* PTRACE_GET_SYSCALL_INFO, Linux 5.3 */
	bool traps;		/* debug registers that do stop a program */
};

/*
 * Try it on a child of the caller's, which is gone afterwards; SIGCHLD should be blocked.
 * User-mode Linux, emulators and some hypervisors take what is written to debug
 * registers, and nothing happens.
 */
void tracing_try(struct tracing *ret);

#endif
