/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Debug register 0 holds the address, debug register 7 enables a trap when the instruction
 * there is executed.
 */
#include "entry-trap.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#define DEBUG_REGISTER(n) offsetof(struct user, u_debugreg[n])
#define ENABLE 1ul		/* L0, with R/W0 and LEN0 zero: execution */

int entry_trap_clear(int tid)
{
	return ptrace(PTRACE_POKEUSER, tid, DEBUG_REGISTER(7), 0ul) == 0 ? 0 : -errno;
}

int entry_trap_set(int tid, uint64_t addr)
{
	if (ptrace(PTRACE_POKEUSER, tid, DEBUG_REGISTER(0), addr) != 0 ||
	    ptrace(PTRACE_POKEUSER, tid, DEBUG_REGISTER(7), ENABLE) != 0)
		return -errno;
	return 0;
}
