/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SIGNAL_FRAME_H
#define MSEALCTL_SIGNAL_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "memory.h"
#include "remote-regs.h"

/* Our frames have this in place of the siginfo, which rt_sigreturn does not read. */
#define SIGNAL_FRAME_MARK "msealctl was here"

/*
 * A signal frame as the kernel would push it, from which rt_sigreturn(2) restores a thread.
 * The thread returns from its call to code that calls rt_sigreturn: where that is lies at the
 * frame's beginning, or in a register (remote_regs_set_return()).
 */
struct signal_frame {
	uint64_t address;	/* where in the target it must be */
	size_t len;
	unsigned char bytes[SIGNAL_FRAME_MAX];
};

/* A thread's FPU and vector registers, in the format of its architecture's regsets. */
struct fpu_state {
	size_t len;
	unsigned char bytes[FPU_STATE_MAX];
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
 * token for rt_sigreturn, or anything else that a frame could not restore; or -errno.
 */
int fpu_state_read(pid_t tid, struct fpu_state *ret);

/*
 * Read what system calls destroy of the stopped thread's vector registers, unless it is in a
 * call already, and write it back after calls were made for it.  A length of 0 is nothing.
 * Returns 0 or -errno.
 */
int vector_state_read(pid_t tid, const remote_regs *regs, struct fpu_state *ret);
int vector_state_write(pid_t tid, const struct fpu_state *state);

/*
 * Read into RET what the frame at address FRAME holds of the vector registers that calls
 * destroy; a length of 0 if nothing.  M is the memory of thread TID.  Returns 0 or -errno.
 */
int vector_state_of_frame(pid_t tid, const struct memory *m, uint64_t frame,
			  struct fpu_state *ret);

#endif
