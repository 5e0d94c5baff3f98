/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* steady_spin_aarch64() of steady-aarch64.c; offsets are those of its struct registers. */
#define NZCV 240
#define FPCR 248
#define FPSR 256
#define VECTORS 512

#define FRAME 192
#define OUT 160
#define LENGTH 168

	.arch	armv8.2-a+sve

/* What a function preserves. */
	.macro	preserved op
	\op	x19, x20, [sp]
	\op	x21, x22, [sp, #16]
	\op	x23, x24, [sp, #32]
	\op	x25, x26, [sp, #48]
	\op	x27, x28, [sp, #64]
	\op	x29, x30, [sp, #80]
	\op	d8, d9, [sp, #96]
	\op	d10, d11, [sp, #112]
	\op	d12, d13, [sp, #128]
	\op	d14, d15, [sp, #144]
	.endm

/* All but x0, x1, which come last, and x17. */
	.macro	general op, one, base
	\op	x2, x3, [\base, #16]
	\op	x4, x5, [\base, #32]
	\op	x6, x7, [\base, #48]
	\op	x8, x9, [\base, #64]
	\op	x10, x11, [\base, #80]
	\op	x12, x13, [\base, #96]
	\op	x14, x15, [\base, #112]
	\one	x16, [\base, #128]
	\op	x18, x19, [\base, #136]
	\op	x20, x21, [\base, #152]
	\op	x22, x23, [\base, #168]
	\op	x24, x25, [\base, #184]
	\op	x26, x27, [\base, #200]
	\op	x28, x29, [\base, #216]
	\one	x30, [\base, #232]
	\op	x0, x1, [\base]
	.endm

	.macro	fpsimd op, base
	.irp	n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
	fpsimd_pair \op, \base, \n, %(\n + 1)
	.endr
	.endm

	.macro	fpsimd_pair op, base, n, next
	\op	q\n, q\next, [\base, #16 * \n]
	.endm

	.altmacro

/* Z registers from BASE, P registers from PREDICATES */
	.macro	sve op, base, predicates
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\op	z\n, [\base, #\n, mul vl]
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\op	p\n, [\predicates, #\n, mul vl]
	.endr
	.endm

	.text
	.globl	steady_length_aarch64
	.type	steady_length_aarch64, @function
steady_length_aarch64:
	rdvl	x0, #1
	ret
	.size	steady_length_aarch64, . - steady_length_aarch64

	.globl	steady_spin_aarch64
	.type	steady_spin_aarch64, @function
steady_spin_aarch64:
	sub	sp, sp, #FRAME
	preserved stp
	stp	x1, x3, [sp, #OUT]
	mov	x17, x2			/* rounds */

	ldr	x4, [x0, #FPCR]
	msr	fpcr, x4
	ldr	x4, [x0, #FPSR]
	msr	fpsr, x4
	ldr	x4, [x0, #NZCV]
	msr	nzcv, x4
	add	x5, x0, #VECTORS
	cbz	x3, 1f
	add	x6, x5, x3, lsl #5
	ldr	p0, [x6, #16, mul vl]
	wrffr	p0.b
	sve	ldr, x5, x6
	b	2f
1:	fpsimd	ldp, x5
2:	general	ldp, ldr, x0

3:	sub	x17, x17, #1
	cbnz	x17, 3b

	ldr	x17, [sp, #OUT]
	general	stp, str, x17
	mrs	x4, nzcv
	str	x4, [x17, #NZCV]
	mrs	x4, fpcr
	str	x4, [x17, #FPCR]
	mrs	x4, fpsr
	str	x4, [x17, #FPSR]
	ldr	x3, [sp, #LENGTH]
	add	x5, x17, #VECTORS
	cbz	x3, 4f
	add	x6, x5, x3, lsl #5
	sve	str, x5, x6
	rdffr	p0.b
	str	p0, [x6, #16, mul vl]
	b	5f
4:	fpsimd	stp, x5

5:	msr	fpcr, xzr
	preserved ldp
	add	sp, sp, #FRAME
	ret
	.size	steady_spin_aarch64, . - steady_spin_aarch64
	.section .note.GNU-stack,"",@progbits
