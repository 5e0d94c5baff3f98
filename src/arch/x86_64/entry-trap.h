/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ENTRY_TRAP_H
#define MSEALCTL_ENTRY_TRAP_H

/*
 * A hardware breakpoint, x86-64: debug register 0 holds an address, debug register 7
 * enables a trap when the instruction there is executed.  The program's memory is not
 * changed.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#define ENTRY_TRAP_REGISTER(n) offsetof(struct user, u_debugreg[n])
#define ENTRY_TRAP_ENABLE 1ul		/* L0, with R/W0 and LEN0 zero: execution */

/* si_code of that SIGTRAP, TRAP_HWBKPT */
#define ENTRY_TRAP_CODE 4

static inline int entry_trap_clear(int tid)
{
	return ptrace(PTRACE_POKEUSER, tid, ENTRY_TRAP_REGISTER(7), 0ul) == 0 ? 0 : -errno;
}

/* Stop TID with SIGTRAP before it executes the instruction at ADDR.  Returns 0 or -errno. */
static inline int entry_trap_set(int tid, uint64_t addr)
{
	if (ptrace(PTRACE_POKEUSER, tid, ENTRY_TRAP_REGISTER(0), addr) != 0 ||
	    ptrace(PTRACE_POKEUSER, tid, ENTRY_TRAP_REGISTER(7), ENTRY_TRAP_ENABLE) != 0)
		return -errno;
	return 0;
}

#endif
