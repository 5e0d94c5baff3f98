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

/* What is in our frames in the place of siginfo, which rt_sigreturn does not look at. */
#define SIGNAL_FRAME_MARK "msealctl was here"

/* How much of a frame signal_frame_read_64() and its sister look at. */
#define SIGNAL_FRAME_HEAD 440

/* The largest frame with the FPU state that fpu_state_read() takes. */
#define SIGNAL_FRAME_MAX 16384

/*
 * A signal frame as the kernel would push it (struct rt_sigframe and the XSAVE
 * area, arch/x86/include/asm/sigframe.h and uapi/asm/sigcontext.h), with which
 * rt_sigreturn(2) puts a thread to where it is to be.  Its first word is the
 * return address, of code that calls rt_sigreturn.
 */
struct signal_frame {
	uint64_t address;	/* where it belongs */
	size_t len;
	unsigned char bytes[SIGNAL_FRAME_MAX];
};

/* The thread's FPU and vector registers, in the format of NT_X86_XSTATE. */
struct fpu_state {
	size_t len;
	unsigned char bytes[12288];
};

/*
 * Read the FPU state of the stopped thread TID.  Returns 0; -ENOTSUP if this
 * machine has none that would fit, or if the thread uses a shadow stack, which
 * a frame made from outside does not satisfy; or -errno.
 */
int fpu_state_read(pid_t tid, struct fpu_state *ret);

/*
 * Lay out a frame that ends at or below TOP, for a 64-bit or a 32-bit program.
 * After rt_sigreturn the thread has the registers REGS, signal MASK and FPU;
 * nothing else of what it had is changed, neither its alternate stack.
 *
 * Returns 0, or -ENOTSUP if FPU is not what a frame can hold, or there is no room
 * below TOP.
 */
int signal_frame_build_64(struct signal_frame *ret, const remote_regs *regs, uint64_t mask,
			  const struct fpu_state *fpu, uint64_t restorer, uint64_t top);
int signal_frame_build_32(struct signal_frame *ret, const remote_regs *regs, uint64_t mask,
			  const struct fpu_state *fpu, uint64_t restorer, uint64_t top);

/*
 * If the SIGNAL_FRAME_HEAD bytes are of a frame that the above has laid out, what
 * rt_sigreturn would make of REGS (which keep what it does not change), and the mask.
 */
bool signal_frame_read_64(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);
bool signal_frame_read_32(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);

#endif
