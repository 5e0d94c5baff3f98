/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_STARTUP_H
#define MSEALCTL_STARTUP_H

#include <sys/ptrace.h>

#include "startup-calls.h"
#include "tracee.h"
#include "tracer-process.h"

/* EXITKILL: a program whose escort was killed would otherwise run on unsealed. */
#define STARTUP_TRACE_OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

/* A program on its way from execve(2) to its own code. */
struct startup {
	struct escort *escort;
	struct tracee tracee;		/* alone: it has no other thread yet */
	bool running;			/* and not waiting for us to let it run on */
	uint64_t entry, base;		/* AT_ENTRY, AT_BASE: where it and its loader begin */
	bool secure;			/* AT_SECURE: it has gained privileges */
	const struct startup_calls *calls;
	unsigned execs_left;		/* this one is counted, and those to come */
	uint64_t loader_start, loader_end;	/* of the loader, or 0 */
};

/*
 * Trace process PID, which was seized and is about to execute COMMAND, until COMMAND's
 * own code is to run, and seal it or end it as ESCORT says.  It was let go when this
 * returns.  There is nobody to tell of errors but the user, so this prints them.
 */
void startup_lead(struct escort *escort, pid_t pid);

#endif
