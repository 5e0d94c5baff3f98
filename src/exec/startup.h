/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_STARTUP_H
#define MSEALCTL_STARTUP_H

#include <sys/ptrace.h>

#include "startup-calls.h"
#include "tracee.h"
#include "tracer-process.h"

/* EXITKILL: without its tracer, the program would run on unsealed. */
#define STARTUP_TRACE_OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
	 PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)

/* Do debug registers stop a program here? */
enum trap_use { TRAP_UNTRIED, TRAP_WORKS, TRAP_USELESS };

/* Is the loader to jump to a system call instead of the entry point?  See startup-entry.c. */
enum divert {
	DIVERT_NONE,
	DIVERT_BEGUN,		/* AT_ENTRY is changed */
	DIVERT_COPIED,		/* it has copied that, and AT_ENTRY is as it was */
	DIVERT_LOST,		/* no copy is found any more: its system calls are followed */
	DIVERT_TAKEN,		/* it has jumped */
};

/* A program between its execve(2) and its own code. */
struct startup {
	const struct tracer_process *tracer;
	struct tracee tracee;		/* its leader alone, until startup_seal_at_entry() */
	bool running;			/* resumed, and not stopped since */
	bool has_company;		/* threads, or processes that share its memory */
	bool borrows_memory;		/* that of the program that has started it */
	bool has_run;			/* code that may have changed its seccomp filters */
	int own_filters;		/* seccomp filters of msealctl, which it inherits */
	enum trap_use trap_use;
	uint64_t trap;			/* where the debug register stops it */
	enum divert divert;
	uint64_t vdso_call;		/* a system call instruction of the vdso, or 0 */
	uint64_t entry_sp, entry_value;	/* the first stack pointer, and where AT_ENTRY is */
	bool before_main;		/* at its entry point or soon after */
	bool best_effort;		/* what cannot be sealed may run unsealed */
	int child_error;		/* -errno: a child could not be sealed, and was ended */
	bool lost_child;		/* a child could not be led, and the program may wait for it */
	bool disturbed;			/* a call failed: its registers may be msealctl's */
	const char *why;		/* it is not sealed: of the first error, or NULL */
	bool reported;			/* the user knows already */
	uint64_t entry, base;		/* AT_ENTRY, AT_BASE: where it and its loader begin */
	bool secure;			/* AT_SECURE: it has gained privileges */
	const struct startup_calls *calls;
	unsigned execs_left;		/* until COMMAND's own, which is counted too */
	uint64_t loader_start, loader_end;	/* of the loader, or 0 */
	uint64_t exe_start, exe_end;	/* of the program itself */
	bool knows_loader;		/* by its name */
};

/*
 * Prepare to lead process PID, which will be seized with STARTUP_TRACE_OPTIONS and then
 * execute COMMAND, as TRACER says.  Returns 0 or -errno.
 */
int startup_begin(struct startup *ret, const struct tracer_process *tracer, pid_t pid);

/*
 * Lead the process to COMMAND's own code, and seal it or end it.  It has been detached, or
 * dies with the caller, which must exit next.  Messages are printed here: no caller could,
 * for msealctl has become COMMAND.
 */
void startup_lead(struct startup *startup);

#endif
