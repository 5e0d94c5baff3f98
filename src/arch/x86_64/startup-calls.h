/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_STARTUP_CALLS_H
#define MSEALCTL_STARTUP_CALLS_H

#include <stdbool.h>

#include "remote-regs.h"

/* The numbers of one ABI's system calls, as far as the start of a program needs them. */
struct startup_calls {
	long mprotect;
	long mseal;
	long exit_group;
	const short *program;	/* what start-up code calls before main(); ends with -1 */
	const short *loader;	/* what loaders call besides, to find and map objects */
};

/* Those of the program that REGS are of, 64-bit or 32-bit; NULL for another kind of code. */
const struct startup_calls *startup_calls_of(const remote_regs *regs);

/* Is call NUMBER one of LIST? */
bool startup_calls_has(const short *list, long number);

/*
 * REGS are at the entry stop of a system call: let it be call NUMBER instead, with
 * ARGUMENT and zeroes behind it.
 */
void startup_call_replace(remote_regs *regs, long number, unsigned long argument);

/* REGS are of the entry stop of a call that was replaced: let the thread make its own again. */
void startup_call_rewind(remote_regs *regs);

#endif
