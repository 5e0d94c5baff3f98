/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The first of the breakpoints in NT_ARM_HW_BREAK: Arm ARM, DBGBVR0_EL1 and DBGBCR0_EL1. */
#include "entry-trap.h"

#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* struct user_hwdebug_state of uapi/asm/ptrace.h, with one register of 16 */
struct breakpoints {
	uint32_t info, pad;
	uint64_t address;
	uint32_t control, pad2;
};

/* enabled, in user mode, all four bytes of the instruction */
#define ENABLE (1u | 2u << 1 | 0xfu << 5)

static int set_breakpoint(int tid, uint64_t addr, uint32_t control)
{
	struct breakpoints b = { .address = addr, .control = control };
	struct iovec iov = { .iov_base = &b, .iov_len = sizeof(b) };

	return ptrace(PTRACE_SETREGSET, tid, NT_ARM_HW_BREAK, &iov) == 0 ? 0 : -errno;
}

int entry_trap_set(int tid, uint64_t addr)
{
	return set_breakpoint(tid, addr, ENABLE);
}

int entry_trap_clear(int tid)
{
	return set_breakpoint(tid, 0, 0);
}
