/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ARCH_REGS_H
#define MSEALCTL_ARCH_REGS_H

/*
 * The registers of a stopped thread, riscv64.
 *
 * a0 takes the first argument of a call and, from the entry stop on, its result; the
 * argument is then in the kernel's orig_a0, which is in no register set.  A call that is
 * restarted was rewound before the stop, so nothing but the program counter shows it.
 */
#include <stdbool.h>
#include <stdint.h>

/* struct user_regs_struct of uapi/asm/ptrace.h; libc's headers may be of another machine */
struct riscv_regs {
	uint64_t pc, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7;
	uint64_t s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6;
};

/* Where a thread is, as a system call stop or the instructions around it tell. */
enum remote_position {
	REMOTE_ELSEWHERE,	/* in no call */
	REMOTE_AT_CALL,		/* about to make one, or to make it again */
	REMOTE_BEHIND_CALL,	/* one has ended, or is ending */
	REMOTE_AT_ENTRY,	/* at the syscall-entry stop of one */
	REMOTE_AT_EXIT,		/* and at the syscall-exit stop */
};

typedef struct remote_regs {
	struct riscv_regs x;
	enum remote_position position;
	uint32_t before;	/* the instruction in front of pc, or a part of it; 0 if unknown */
	/* the first of the call, in case a0 no longer has it, if it is known */
	bool has_argument;
	uint64_t argument;
} remote_regs;

/* The length of ecall.  Instructions begin at even addresses. */
#define REMOTE_INSN_SIZE 4
#define REMOTE_INSN_ALIGN 2

/* No instructions are known that load a register from the stack and return. */
#define REMOTE_LOAD_SIZE 2

/* riscv-cc, "Procedure calling convention": nothing is kept below the stack pointer */
#define SIGNAL_FRAME_RED_ZONE 0

/* How much of a frame read_frame() of struct remote_abi reads. */
#define SIGNAL_FRAME_HEAD 560

/* Enough for vector registers of 2048 bits, and the largest frame with them. */
#define FPU_STATE_MAX 12288
#define SIGNAL_FRAME_MAX 16384

/* The result of a call takes the register of its first argument. */
#define REMOTE_HIDES_ARGUMENT 1

/* Nothing can be sealed in a 32-bit program. */
#define REMOTE_SEALS_32BIT 0

#endif
