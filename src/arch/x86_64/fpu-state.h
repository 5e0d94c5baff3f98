/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FPU_STATE_H
#define MSEALCTL_FPU_STATE_H

/* The XSAVE area inside a signal frame, which is alike for 64-bit and 32-bit programs. */
#include "signal-frame.h"

/* XRSTOR faults on anything less */
#define FPU_ALIGN 64

/* uapi/asm/ucontext.h: the frame has an XSAVE area */
#define UC_FP_XSTATE 1u

/* How FPU goes into a frame. */
struct fpu_layout {
	uint64_t features;	/* XFEATURE_* that are restored */
	size_t size;		/* of the XSAVE area with these */
	size_t total;		/* and of the word that ends it */
};

/* Returns 0, or -ENOTSUP if FPU is not whole. */
int fpu_layout(const struct fpu_state *fpu, struct fpu_layout *ret);

/*
 * Write the area to TO, LAYOUT->total bytes; BEFORE bytes of the frame's FPU part lie
 * before it.
 */
void fpu_write(unsigned char *to, const struct fpu_state *fpu, const struct fpu_layout *layout,
	       size_t before);

#endif
