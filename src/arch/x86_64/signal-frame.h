/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SIGNAL_FRAME_H
#define MSEALCTL_SIGNAL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "remote-regs.h"

/* What a leaf function may keep below its stack pointer: x86-64 psABI, 3.2.2. */
#define SIGNAL_FRAME_RED_ZONE 128

/* Our frames have this in place of the siginfo, which rt_sigreturn does not read. */
#define SIGNAL_FRAME_MARK "msealctl was here"

/* How much of a frame signal_frame_read_64() and signal_frame_read_32() read. */
#define SIGNAL_FRAME_HEAD 440

/* The largest frame, with the largest FPU state that fpu_state_read() accepts. */
#define SIGNAL_FRAME_MAX 16384

/*
 * A signal frame as the kernel would push it (struct rt_sigframe and the XSAVE area,
 * arch/x86/include/asm/sigframe.h and uapi/asm/sigcontext.h), from which rt_sigreturn(2)
 * restores a thread.  Its first word is the return address, of code that calls
 * rt_sigreturn.
 */
struct signal_frame {
	uint64_t address;	/* where in the target it must be */
	size_t len;
	unsigned char bytes[SIGNAL_FRAME_MAX];
};

/* The thread's FPU and vector registers, in the format of NT_X86_XSTATE. */
struct fpu_state {
	size_t len;
	unsigned char bytes[12288];
};

/* What rt_sigreturn gives to a thread. */
struct frame_content {
	const remote_regs *regs;
	uint64_t mask;		/* of signals */
	const struct fpu_state *fpu;
};

/*
 * Read the FPU state of the stopped thread TID.  Returns 0; -ENOTSUP if the machine has
 * none or a larger one, or if the thread has a shadow stack, which would also need a
 * token for rt_sigreturn; or -errno.
 */
int fpu_state_read(pid_t tid, struct fpu_state *ret);

/*
 * Lay out a frame that ends at or below TOP, for a 64-bit or a 32-bit program, and whose
 * return address is RESTORER.  rt_sigreturn then gives the thread CONTENT.  Nothing else
 * changes; the alternate signal stack is kept too.
 *
 * Returns 0, or -ENOTSUP if a frame cannot hold this FPU state, or there is no room
 * below TOP.
 */
int signal_frame_build_64(struct signal_frame *ret, const struct frame_content *content,
			  uint64_t restorer, uint64_t top);
int signal_frame_build_32(struct signal_frame *ret, const struct frame_content *content,
			  uint64_t restorer, uint64_t top);

/*
 * Are the SIGNAL_FRAME_HEAD bytes the start of a frame that was laid out by the above?
 * If so, set in REGS and *RET_MASK what rt_sigreturn would; it leaves some of REGS alone.
 */
bool signal_frame_read_64(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);
bool signal_frame_read_32(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);

#endif
