/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SIGNAL_FRAME_H
#define MSEALCTL_SIGNAL_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "remote-regs.h"

/*
 * A signal frame as the kernel would push it (struct rt_sigframe and the XSAVE
 * area, arch/x86/include/asm/sigframe.h and uapi/asm/sigcontext.h), with which
 * rt_sigreturn(2) puts a thread back to where REGS, MASK and its FPU were.
 */
struct signal_frame {
	uint64_t address;	/* where it belongs; the stack pointer for the way back */
	size_t len;
	unsigned char bytes[16384];
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
 * Lay out a frame below REGS's stack pointer and its red zone.  RESTORER is the
 * address of code that calls rt_sigreturn.  If REGS are inside a call that the
 * kernel would restart, the frame makes the call again; after a wait with a
 * timeout, whose rest only the kernel knows, it returns EINTR.
 *
 * Returns 0, or -ENOTSUP if FPU is not what a frame can hold.
 */
int signal_frame_build(struct signal_frame *ret, const remote_regs *regs, uint64_t mask,
		       const struct fpu_state *fpu, uint64_t restorer);

/* Instruction sequences that are looked for in the program's text. */

/* syscall; ret */
static const unsigned char syscall_return_insns[] = { 0x0f, 0x05, 0xc3 };

/* mov $15, %rax (or %eax); syscall: 15 is rt_sigreturn */
static const unsigned char restorer_insns[] = { 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05 };

/*
 * Where the restorer begins whose immediate operand lies at the sequence above,
 * seen with the BEFORE bytes in front of it; 0 if it is none.
 */
size_t restorer_prefix(const unsigned char *sequence, size_t before);

#endif
