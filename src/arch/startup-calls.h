/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_STARTUP_CALLS_H
#define MSEALCTL_STARTUP_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"
#include "remote-regs.h"

#define STARTUP_CALLS_END (-1)

/* The numbers of one ABI's system calls, as far as the start of a program needs them. */
struct startup_calls {
	long mprotect;
	long mseal;
	long exit_group;
	const short *program;	/* what start-up code calls before main(); ends so */
	const short *loader;	/* what loaders also call, to find and map objects */
};

/* For a program with registers REGS, 64-bit or 32-bit; NULL for one that can make no call. */
const struct startup_calls *startup_calls_of(const remote_regs *regs);

/* Is call NUMBER one of LIST? */
static inline bool startup_calls_has(const short *list, long number)
{
	for (; *list != STARTUP_CALLS_END; list++)
		if (*list == number)
			return true;
	return false;
}

/*
 * REGS are those of a syscall-entry stop: replace the call by call NUMBER, with zeroes as its
 * arguments.  Where the result overwrites the first argument, that one stays as it was.
 */
void startup_call_replace(remote_regs *regs, long number);

/* REGS are those of the entry stop of a replaced call: make the thread repeat the original. */
void startup_call_rewind(remote_regs *regs);

/*
 * The address of main(), which the start-up code at ENTRY, in memory M, hands to
 * __libc_start_main(): sysdeps/MACHINE/start.S of glibc.  0 for any other code.
 */
uint64_t startup_main(const struct memory *m, uint64_t entry);

#endif
