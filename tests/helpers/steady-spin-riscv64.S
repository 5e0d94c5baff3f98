/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* steady_spin_riscv64() of steady-riscv64.c; offsets are those of its struct registers. */
#define FCSR 216
#define FP 224
#define VL 480
#define VTYPE 488
#define VCSR 496
#define VECTORS 512

#define FRAME 224
#define SAVED_FP 112
#define OUT 208
#define VLENB 216

	.option	arch, +d, +v

/* What a function preserves. */
	.macro	preserved op, fop
	\op	ra, 0(sp)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	\op	s\n, 8 + 8 * \n(sp)
	\fop	fs\n, SAVED_FP + 8 * \n(sp)
	.endr
	.endm

	.macro	general op, base
	\op	ra, 0(\base)
	\op	t0, 8(\base)
	\op	t1, 16(\base)
	\op	t2, 24(\base)
	\op	s0, 32(\base)
	\op	s1, 40(\base)
	.irp	n, 1, 2, 3, 4, 5, 6, 7
	\op	a\n, 48 + 8 * \n(\base)
	.endr
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	\op	s\n, 96 + 8 * \n(\base)
	.endr
	\op	t3, 192(\base)
	\op	t4, 200(\base)
	\op	t5, 208(\base)
	/* the base may be this */
	\op	a0, 48(\base)
	.endm

	.macro	fp op, base
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\op	f\n, FP + 8 * \n(\base)
	.endr
	.endm

/* All vector registers, of t1 bytes each; changes t0 and t1. */
	.macro	vectors op, base
	addi	t0, \base, VECTORS
	slli	t1, t1, 3
	.irp	n, 0, 8, 16, 24
	\op	v\n, (t0)
	add	t0, t0, t1
	.endr
	.endm

	.text
	.globl	steady_spin_riscv64
	.type	steady_spin_riscv64, @function
steady_spin_riscv64:
	addi	sp, sp, -FRAME
	preserved sd, fsd
	sd	a1, OUT(sp)
	sd	a3, VLENB(sp)
	mv	t6, a2			/* rounds */

	ld	t0, FCSR(a0)
	fscsr	t0
	fp	fld, a0
	mv	t1, a3
	beqz	t1, 1f
	vectors	vl8r.v, a0
	ld	t0, VL(a0)
	ld	t1, VTYPE(a0)
	vsetvl	zero, t0, t1
	ld	t0, VCSR(a0)
	csrw	vcsr, t0
1:	general	ld, a0

2:	addi	t6, t6, -1
	bnez	t6, 2b

	ld	t6, OUT(sp)
	general	sd, t6
	frcsr	t0
	sd	t0, FCSR(t6)
	fp	fsd, t6
	ld	t1, VLENB(sp)
	beqz	t1, 3f
	csrr	t0, vl
	sd	t0, VL(t6)
	csrr	t0, vtype
	sd	t0, VTYPE(t6)
	csrr	t0, vcsr
	sd	t0, VCSR(t6)
	vectors	vs8r.v, t6

3:	fscsr	zero
	preserved ld, fld
	addi	sp, sp, FRAME
	ret
	.size	steady_spin_riscv64, . - steady_spin_riscv64
	.section .note.GNU-stack,"",@progbits
