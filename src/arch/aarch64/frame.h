/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FRAME_H
#define MSEALCTL_FRAME_H

/*
 * A signal frame is struct rt_sigframe of arch/arm64/kernel/signal.c: a siginfo, and a ucontext
 * that ends with records, uapi/asm/sigcontext.h.  rt_sigreturn(2) leaves alone what there is no
 * record of: the alternate stack aside, that is TPIDR2, FPMR, ZA and ZT0, none of which a system
 * call changes either.
 */
#include <stdbool.h>

#include "signal-frame.h"

/* struct user_fpsimd_state of uapi/asm/ptrace.h, with which struct fpu_state begins */
struct fpsimd_registers {
	unsigned char v[32][16];
	uint32_t fpsr, fpcr, reserved[2];
};

/* struct user_sve_header, which may follow it, before the registers of SVE */
struct vector_header {
	uint32_t size, max_size;
	uint16_t length, max_length;	/* of a vector, in bytes */
	uint16_t flags, reserved;
};

#define VECTOR_FLAG_SVE 1u

/* Not of uapi: these are the registers of streaming mode. */
#define VECTOR_STREAMING 0x8000u

/* The size of registers Z0 to Z31, P0 to P15 and FFR, SVE_SIG_REGS_SIZE() */
static inline size_t vector_size(size_t length)
{
	return 32 * length + 17 * (length / 8);
}

/* build_frame() and read_frame() of struct remote_abi. */
int frame_build(struct signal_frame *ret, const struct frame_content *content,
		uint64_t restorer, uint64_t top);
bool frame_read(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);

/*
 * Read the SVE registers of the frame at address FRAME as vector_state_read() would; only size,
 * length and mode of the header are set.  Returns 0 or -errno.
 */
int frame_read_vectors(const struct memory *m, uint64_t frame, struct fpu_state *ret);

/* struct fpsimd_context: with this record the kernel begins those of every frame. */
#define FPSIMD_MAGIC 0x46508001u
struct fpsimd_record {
	uint32_t magic, size;
	uint32_t fpsr, fpcr;
	unsigned char v[32][16];
};

/* Offsets in struct rt_sigframe: of the interrupted stack pointer, and of the records */
#define FRAME_SP_OFFSET 560
#define FRAME_RECORDS_OFFSET 592

#endif
