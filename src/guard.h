/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_GUARD_H
#define MSEALCTL_GUARD_H

#include <stdint.h>

#include "gadgets.h"
#include "memory.h"
#include "region.h"
#include "remote-regs.h"

/*
 * What heals a thread that is abandoned with our registers, because msealctl was
 * killed: a return address and a signal frame on its stack.  The system call ends,
 * the return behind it goes to rt_sigreturn, and that puts back what was.
 */
struct guard {
	uint64_t insn;		/* the system call instruction with a return behind it */
	uint64_t stack;		/* the stack pointer to make the call with */
};

/*
 * Write the guard for thread TID, with registers REGS and signal MASK, below its
 * red zone, into stack that nothing has a claim on.
 *
 * Returns 0; or -ENOTSUP, nothing written, if there is no such stack (it must be
 * the main one, or end in a guard page: a coroutine's or a Go routine's has a
 * neighbour right below), no such instructions, or no FPU state to be had.
 */
int guard_place(struct guard *ret, pid_t tid, const remote_regs *regs, uint64_t mask,
		const struct gadgets *gadgets, const struct regions *regions);

#endif
