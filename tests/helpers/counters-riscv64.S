/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* counters_add_once() of counters.h, riscv64. */
#define SPINS 5000		/* COUNTERS_SPINS */
#define RSEQ_SIG 0xf1401073	/* what the kernel finds before the code for aborts */

	.section __rseq_cs, "aw"
	.balign	32
section:
	.long	0, 0
	.quad	2f, 3f - 2f, 4f

	.text
	.balign	4
	.word	RSEQ_SIG
4:	li	a0, 0
	ret

	.globl	counters_add_once
	.type	counters_add_once, @function
counters_add_once:
	lla	t0, section
	sd	t0, 8(a0)		/* rseq_cs */
2:	lwu	t0, 4(a0)		/* cpu_id */
	slli	t0, t0, 6
	add	t0, t0, a1
	ld	t1, 0(t0)
	li	t2, SPINS
5:	addi	t2, t2, -1
	bnez	t2, 5b
	addi	t1, t1, 1
	sd	t1, 0(t0)
3:	li	a0, 1
	ret
	.size	counters_add_once, . - counters_add_once
	.section .note.GNU-stack,"",@progbits
