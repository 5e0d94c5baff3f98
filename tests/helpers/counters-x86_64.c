/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "counters.h"

#include <sys/rseq.h>

bool counters_add_once(struct rseq *area, struct counter *counters)
{
	__asm__ goto(
		".pushsection __rseq_cs, \"aw\"\n"
		".balign 32\n"
		"1: .long 0, 0\n"
		".quad 2f, 3f - 2f, 4f\n"
		".popsection\n"
		"leaq 1b(%%rip), %%rax\n"
		"movq %%rax, 8(%[area])\n"	/* rseq_cs */
		"2: movl 4(%[area]), %%eax\n"	/* cpu_id */
		"shlq $6, %%rax\n"
		"movq (%[counters], %%rax), %%rdx\n"
		"movl %[spins], %%ecx\n"
		"5: decl %%ecx\n"
		"jnz 5b\n"
		"incq %%rdx\n"
		"movq %%rdx, (%[counters], %%rax)\n"
		"3:\n"
		".pushsection __rseq_failure, \"ax\"\n"
		".byte 0x0f, 0xb9, 0x3d\n"
		".long %c[signature]\n"
		"4: jmp %l[aborted]\n"
		".popsection\n"
		: : [area] "r"(area), [counters] "r"(counters), [spins] "i"(COUNTERS_SPINS),
		    [signature] "i"(RSEQ_SIG)
		: "rax", "rcx", "rdx", "cc", "memory" : aborted);
	return true;
aborted:
	return false;
}
