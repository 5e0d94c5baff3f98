/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RESCUE_FRAME_H
#define MSEALCTL_RESCUE_FRAME_H

#include <stdint.h>

#include "gadgets.h"
#include "memory.h"
#include "region.h"
#include "remote-abi.h"
#include "tracee.h"

/*
 * A signal frame on a stack of the target, with which a thread that runs on with our
 * registers, because msealctl was killed, returns to where it was.  See README.  Registers
 * that are marked with the address of the frame lead a later msealctl to it.
 */
struct rescue_frame {
	uint64_t insn;		/* the system call instruction with a return behind it */
	uint64_t restorer;	/* to which that returns */
	uint64_t stack;		/* the stack pointer to make the call with */
	uint64_t address;
	size_t below;		/* bytes right below it that may be written to */
	unsigned char *saved;	/* what was there, and BELOW it; NULL if nothing was */
	size_t len;		/* of that */
};

/* The most bytes that a chain may take below the frame. */
#define CHAIN_BYTES_MAX 24576

/* A stopped thread, and what is known about it. */
struct place {
	const struct tracee *tracee;
	const struct tracee_thread *thread;
	struct memory memory;
	const struct remote_abi *abi;
	const remote_regs *regs;
	long number;		/* of the call that it was interrupted in */
	const struct regions *regions;
	size_t below;		/* bytes that may be needed right below the frame */
};

/*
 * Write a frame that restores the registers of PLACE and the signal MASK.  It goes to the
 * end of the main stack if that was never used, and stays there.  Else it goes to the place of
 * an earlier frame, below the red zone of the thread's own stack, or to the lower end of the
 * main stack, above which all threads are; what is there is kept, to be put back.  (Right
 * below the stack pointer of a coroutine, a Go routine or a handler on an alternate signal
 * stack there may be anything.)
 *
 * Returns 0; or -ENOTSUP, with nothing written, if there is no such memory, no such
 * instructions, or no FPU state that fits.  rescue_frame_remove() must follow success.
 */
int rescue_frame_place(struct rescue_frame *ret, const struct place *place, uint64_t mask,
		       const struct gadgets *gadgets);

/* Put back what the frame has overwritten.  Returns 0 or -errno. */
int rescue_frame_remove(struct rescue_frame *frame, pid_t tid);

#endif
