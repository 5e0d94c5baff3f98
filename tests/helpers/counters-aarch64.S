/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* counters_add_once() of counters.h, aarch64. */
#define SPINS 5000		/* COUNTERS_SPINS */
#define RSEQ_SIG 0xd428bc00	/* what the kernel finds before the code for aborts */

	.section __rseq_cs, "aw"
	.balign	32
section:
	.long	0, 0
	.quad	2f, 3f - 2f, 4f

	.text
	.balign	4
	.inst	RSEQ_SIG
4:	mov	w0, #0
	ret

	.globl	counters_add_once
	.type	counters_add_once, @function
counters_add_once:
	adrp	x2, section
	add	x2, x2, :lo12:section
	str	x2, [x0, #8]		/* rseq_cs */
2:	ldr	w2, [x0, #4]		/* cpu_id */
	add	x2, x1, x2, lsl #6
	ldr	x3, [x2]
	mov	w4, #SPINS
5:	sub	w4, w4, #1
	cbnz	w4, 5b
	add	x3, x3, #1
	str	x3, [x2]
3:	mov	w0, #1
	ret
	.size	counters_add_once, . - counters_add_once
	.section .note.GNU-stack,"",@progbits
