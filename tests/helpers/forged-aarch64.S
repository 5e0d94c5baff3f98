/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/* See forged.h.  x9 keeps the stack pointer: a call changes x0 alone. */
	.text

	.macro enter
	stp x29, x30, [sp, #-96]!
	stp x19, x20, [sp, #16]
	stp x21, x22, [sp, #32]
	stp x23, x24, [sp, #48]
	stp x25, x26, [sp, #64]
	stp x27, x28, [sp, #80]
	mov x9, sp
	mov sp, x0
	.irp number, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28
	mov x\number, x1
	.endr
	mov w10, #1
	.endm

	.macro leave_again
	mov sp, x9
	ldp x19, x20, [sp, #16]
	ldp x21, x22, [sp, #32]
	ldp x23, x24, [sp, #48]
	ldp x25, x26, [sp, #64]
	ldp x27, x28, [sp, #80]
	ldp x29, x30, [sp], #96
	ret
	.endm

	.globl forged_spin
	.type forged_spin, %function
forged_spin:
	enter
	mov x8, #462
	str w10, [x2, #4]
1:	ldr w11, [x2]
	cbz w11, 1b
	leave_again
	.size forged_spin, . - forged_spin

	.globl forged_read
	.type forged_read, %function
forged_read:
	enter
	str w10, [x2, #4]
	mov w0, w3
	mov x1, x4
	mov x2, #1
	mov x8, #63
	bl call_and_return
	leave_again
	.size forged_read, . - forged_read

	.type call_and_return, %function
call_and_return:
	svc #0
	ret
	.size call_and_return, . - call_and_return

	.section .rodata
	.balign 8
	.globl forged_layout
	.type forged_layout, %object
forged_layout:
	.quad 0, 568, 560
	.size forged_layout, . - forged_layout

	.section .note.GNU-stack, "", %progbits
