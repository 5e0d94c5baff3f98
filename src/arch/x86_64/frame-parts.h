/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FRAME_PARTS_H
#define MSEALCTL_FRAME_PARTS_H

/*
 * A signal frame is struct rt_sigframe of arch/x86/include/asm/sigframe.h, which begins with
 * the return address, and an XSAVE area, which is the same for 64-bit and 32-bit programs.
 */
#include <stdbool.h>

#include "signal-frame.h"

/* build_frame() and read_frame() of struct remote_abi. */
int signal_frame_build_64(struct signal_frame *ret, const struct frame_content *content,
			  uint64_t restorer, uint64_t top);
int signal_frame_build_32(struct signal_frame *ret, const struct frame_content *content,
			  uint64_t restorer, uint64_t top);
bool signal_frame_read_64(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);
bool signal_frame_read_32(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);

/* XRSTOR faults on anything less */
#define FPU_ALIGN 64

/* uapi/asm/ucontext.h: the frame has an XSAVE area */
#define UC_FP_XSTATE 1u

/* How an FPU state is laid out in a frame. */
struct fpu_layout {
	uint64_t features;	/* XFEATURE_* that are restored */
	size_t size;		/* of the XSAVE area with these features */
	size_t total;		/* the same with the word that ends it */
};

/* Returns 0, or -ENOTSUP if FPU is incomplete. */
int fpu_layout(const struct fpu_state *fpu, struct fpu_layout *ret);

/*
 * Write the area to TO, LAYOUT->total bytes.  BEFORE is the size of what precedes it in
 * the frame's FPU part.
 */
void fpu_write(unsigned char *to, const struct fpu_state *fpu, const struct fpu_layout *layout,
	       size_t before);

#endif
