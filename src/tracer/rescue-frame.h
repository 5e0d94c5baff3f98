/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RESCUE_FRAME_H
#define MSEALCTL_RESCUE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "gadgets.h"
#include "region.h"
#include "remote-abi.h"
#include "tracee.h"

/*
 * What heals a thread that is abandoned with our registers, because msealctl was
 * killed: a return address and a signal frame on a stack.  The system call ends,
 * the return behind it goes to rt_sigreturn, and that puts back what was.
 */
struct guard {
	uint64_t insn;		/* the system call instruction with a return behind it */
	uint64_t stack;		/* the stack pointer to make the call with */
};

/*
 * Write the guard for THREAD, with registers REGS and signal MASK, into the end of
 * the main stack if that was never used; else below the red zone of the thread's
 * own stack, if it is known to have one to itself.  (A coroutine, a Go routine or a
 * handler on an alternate signal stack may have anything right below.)
 *
 * Returns 0; or -ENOTSUP, nothing written, if there is no such memory, no such
 * instructions, or no FPU state to be had.
 */
int guard_place(struct guard *ret, const struct tracee_thread *thread,
		const struct remote_abi *abi, const remote_regs *regs, uint64_t mask,
		const struct gadgets *gadgets, const struct regions *regions);

/*
 * If an earlier msealctl was killed in the middle, and thread TID of the target has not
 * run since, because the target is stopped or frozen: do what the guard would have
 * done.  REGS are its registers at a stop that is none of a system call's own.
 * Returns whether anything was to do.
 */
bool guard_finish(pid_t tid, const remote_regs *regs);

#endif
