/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FRAME_RISCV64_H
#define MSEALCTL_FRAME_RISCV64_H

#include <stdbool.h>

#include "signal-frame.h"

/* build_frame() and read_frame() of struct remote_abi. */
int frame_build(struct signal_frame *ret, const struct frame_content *content,
		uint64_t restorer, uint64_t top);
bool frame_read(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);

/*
 * What struct fpu_state holds: NT_PRFPREG, of which the kernel's struct __riscv_d_ext_state
 * is used, and then NT_RISCV_VECTOR, which may be missing: struct __riscv_v_regset_state,
 * with the registers behind it.
 */
#define FP_SIZE 264
#define VECTOR_HEAD 40

#endif
