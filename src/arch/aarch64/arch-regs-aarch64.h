/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ARCH_REGS_H
#define MSEALCTL_ARCH_REGS_H

/* The registers of a stopped thread, aarch64. */
#include <stdbool.h>
#include <stdint.h>

/* Where a thread is, as the instructions around its program counter tell. */
enum remote_position {
	REMOTE_ELSEWHERE,
	REMOTE_AT_CALL,		/* it is about to make a call, perhaps again */
	REMOTE_BEHIND_CALL,	/* it has made one, or is at a syscall-entry or -exit stop */
};

typedef struct remote_regs {
	/* struct user_pt_regs of uapi/asm/ptrace.h */
	uint64_t x[31], sp, pc, pstate;
	/* NT_ARM_SYSTEM_CALL: the number at syscall-entry and -exit stops, elsewhere -1 */
	int32_t call;
	bool is_32;		/* a 32-bit task: nothing of the above is known */
	enum remote_position position;
	uint32_t before;	/* the instruction before the program counter, 0 if not known */
	/* x0 of before the call, which has its result, if it was found out */
	bool has_argument;
	uint64_t argument;
} remote_regs;

/* The length of svc, and of every instruction. */
#define REMOTE_INSN_SIZE 4
#define REMOTE_INSN_ALIGN 4

/* No instructions are known that load a register from the stack and return. */
#define REMOTE_LOAD_SIZE 4

/* AAPCS64 has none. */
#define SIGNAL_FRAME_RED_ZONE 0

/* How much of a frame read_frame() of struct remote_abi reads. */
#define SIGNAL_FRAME_HEAD 592

/* The FPSIMD registers, and SVE's with the longest vectors; the largest frame with them. */
#define FPU_STATE_MAX 9728
#define SIGNAL_FRAME_MAX 11264

/* The result of a call takes the register of its first argument. */
#define REMOTE_HIDES_ARGUMENT 1

/* Nothing can be sealed in a 32-bit program: it is of another architecture. */
#define REMOTE_SEALS_32BIT 0

#endif
