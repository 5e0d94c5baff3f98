/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch-regs-aarch64.h"

#include "startup-calls.h"

#include <stddef.h>
#include <string.h>

#include "generic-calls.h"

#define CODE_SIZE 64

/* adrp x0; ldr x0, [x0, #N]; add x0, x0, #N: without their operands */
#define ADRP_X0 0x90000000u
#define ADRP_MASK 0x9f00001fu
#define LDR_X0_X0 0xf9400000u
#define ADD_X0_X0 0x91000000u
#define IMM12_MASK (0xfffu << 10)

const struct startup_calls *startup_calls_of(const remote_regs *regs)
{
	return regs->is_32 ? NULL : &generic_startup_calls;
}

void startup_call_replace(remote_regs *regs, long number)
{
	regs->call = (int32_t)number;
	regs->x[8] = (uint64_t)number;
	regs->x[0] = regs->x[1] = regs->x[2] = regs->x[3] = 0;
}

void startup_call_rewind(remote_regs *regs)
{
	remote_regs_rewind(regs, remote_regs_syscall(regs));
}

/* The page that ADRP, at ADDR, puts into its register. */
static uint64_t adrp_page(uint32_t adrp, uint64_t addr)
{
	uint64_t pages = (adrp >> 29 & 3) | (uint64_t)(adrp >> 5 & 0x7ffff) << 2;

	/* 21 bits, signed */
	pages = (pages ^ 1 << 20) - (1 << 20);
	return (addr & ~(uint64_t)0xfff) + (pages << 12);
}

uint64_t startup_main(const struct memory *m, uint64_t entry)
{
	/* mov x29, #0; mov x30, #0; mov x5, x0; ldr x1, [sp]; add x2, sp, #8; mov x6, sp */
	static const uint32_t begin[] = {
		0xd280001d, 0xd280001e, 0xaa0003e5, 0xf94003e1, 0x910023e2, 0x910003e6,
	};
	uint32_t code[CODE_SIZE / sizeof(uint32_t)];
	const size_t count = sizeof(begin) / sizeof(begin[0]);
	uint64_t page, address;
	uint32_t imm12;
	size_t at;

	if (m->read(m, entry, code, sizeof(code)) < 0)
		return 0;
	/* a landing pad, or nop in its place */
	at = code[0] == begin[0] ? 0 : 1;
	if (memcmp(code + at, begin, sizeof(begin)) != 0 ||
	    (code[at + count] & ADRP_MASK) != ADRP_X0)
		return 0;
	at += count;
	page = adrp_page(code[at], entry + at * sizeof(*code));
	imm12 = (code[at + 1] & IMM12_MASK) >> 10;
	if ((code[at + 1] & ~IMM12_MASK) == ADD_X0_X0)
		return page + imm12;
	/* from the global offset table, which the loader has filled by then */
	return (code[at + 1] & ~IMM12_MASK) == LDR_X0_X0 &&
	       m->read(m, page + imm12 * sizeof(address), &address, sizeof(address)) == 0 ?
	       address : 0;
}
