/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/* See forged.h.  t0 keeps the stack pointer: a call changes a0 alone. */
	.text

	.macro enter
	addi sp, sp, -80
	sd ra, 0(sp)
	sd s1, 8(sp)
	sd s2, 16(sp)
	sd s3, 24(sp)
	sd s4, 32(sp)
	sd s5, 40(sp)
	sd s6, 48(sp)
	sd s7, 56(sp)
	sd s8, 64(sp)
	mv t0, sp
	mv sp, a0
	.irp register, s1, s2, s3, s4, s5, s6, s7, s8
	mv \register, a1
	.endr
	li t1, 1
	.endm

	.macro leave_again
	mv sp, t0
	ld ra, 0(sp)
	ld s1, 8(sp)
	ld s2, 16(sp)
	ld s3, 24(sp)
	ld s4, 32(sp)
	ld s5, 40(sp)
	ld s6, 48(sp)
	ld s7, 56(sp)
	ld s8, 64(sp)
	addi sp, sp, 80
	ret
	.endm

	.globl forged_spin
	.type forged_spin, @function
forged_spin:
	enter
	li a7, 462
	sw t1, 4(a2)
1:	lw t2, 0(a2)
	beqz t2, 1b
	leave_again
	.size forged_spin, . - forged_spin

	.globl forged_read
	.type forged_read, @function
forged_read:
	enter
	sw t1, 4(a2)
	mv a0, a3
	mv a1, a4
	li a2, 1
	li a7, 63
	call call_and_return
	leave_again
	.size forged_read, . - forged_read

	.type call_and_return, @function
call_and_return:
	ecall
	ret
	.size call_and_return, . - call_and_return

	.section .rodata
	.balign 8
	.globl forged_layout
	.type forged_layout, @object
forged_layout:
	.quad 0, 304, 320
	.size forged_layout, . - forged_layout

	.section .note.GNU-stack, "", @progbits
