/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* ptrace(2) has no breakpoints on this architecture. */
#include "arch-regs-riscv64.h"

#include "entry-trap.h"

#include <errno.h>

int entry_trap_set(int tid, uint64_t addr)
{
	(void)tid;
	(void)addr;
	return -ENOTSUP;
}

int entry_trap_clear(int tid)
{
	(void)tid;
	return 0;
}
