/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FPU_STATE_H
#define MSEALCTL_FPU_STATE_H

/* The XSAVE area of a signal frame, the same for 64-bit and 32-bit programs. */
#include "signal-frame.h"

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
