/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REMOTE_ABI_H
#define MSEALCTL_REMOTE_ABI_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote-regs.h"

struct signal_frame;
struct frame_content;

/* Registers that code can load from the stack. */
enum remote_load {
	REMOTE_LOAD_NUMBER,	/* of the call */
	REMOTE_LOAD_ARG0,
	REMOTE_LOAD_ARG1,
	REMOTE_LOADS,
};

/* How a program makes system calls: as a 64-bit program or as a 32-bit one. */
struct remote_abi {
	const char *name;
	unsigned char insn[REMOTE_INSN_SIZE];
	uint32_t audit_arch;		/* AUDIT_ARCH_*, what seccomp filters see */
	uint64_t address_end;		/* its arguments can name addresses below this */
	size_t word;			/* size of an address, and of what pops take, bytes */
	long rt_sigreturn, restart_syscall;
	/* can calls be made in chains, see chain.h? */
	bool chains;
	/* a load of each register with a return behind it; all 0: there are none */
	unsigned char loads[REMOTE_LOADS][REMOTE_LOAD_SIZE];

	/*
	 * Make REGS, which remote_regs_get() has read at any stop, such that the thread's next
	 * step is call NUMBER, by the instruction at INSN.
	 */
	void (*prepare)(remote_regs *regs, uint64_t insn, long number,
			const unsigned long arguments[4]);

	/*
	 * Lay out a frame that ends at or below TOP, from which rt_sigreturn gives the thread
	 * CONTENT, when code at RESTORER calls that.  Nothing else changes; the alternate
	 * signal stack is kept too.
	 *
	 * Returns 0, or -ENOTSUP if a frame cannot hold this FPU state, or there is no room
	 * below TOP.
	 */
	int (*build_frame)(struct signal_frame *ret, const struct frame_content *content,
			   uint64_t restorer, uint64_t top);
	/*
	 * Are the SIGNAL_FRAME_HEAD bytes the start of a frame that was laid out so?  If they
	 * are, set in REGS and *RET_MASK what rt_sigreturn would; it leaves some of REGS alone.
	 */
	bool (*read_frame)(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask);
};

/* The ABI of a thread with these registers; NULL if no call can be made with them. */
const struct remote_abi *remote_abi_of(const remote_regs *regs);

/*
 * The ABI of a thread whose stack pointer is SP, which /proc shows where registers cannot
 * be read.  A 64-bit program hardly has a stack below 4 GiB.
 */
const struct remote_abi *remote_abi_at(uint64_t sp);

/* The six arguments of the call that REGS make or are in, as a seccomp filter sees them. */
void remote_abi_arguments(const struct remote_abi *abi, const remote_regs *regs,
			  __u64 arguments[6]);

/*
 * If the BEFORE bytes in front of INSN end with an instruction that loads the number
 * of a call, return the length of that instruction and set *RET_NUMBER; else return 0.
 */
size_t remote_abi_number_before(const struct remote_abi *abi, const unsigned char *insn,
				size_t before, long *ret_number);

/* The longest such instruction, bytes, on any architecture. */
#define REMOTE_LOAD_MAX 7

/* How many words may be popped before a return. */
#define REMOTE_POPS_MAX 16

/*
 * Do the LEN bytes at CODE begin with a return, or with instructions that do no more than
 * pop registers, zero those that functions need not preserve, or drop words of the stack,
 * and a return?  If so, set *RET_POPS to the number of words.
 */
bool remote_abi_returns(const struct remote_abi *abi, const unsigned char *code, size_t len,
			size_t *ret_pops);

#endif
