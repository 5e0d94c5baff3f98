/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/* See forged.h.  r9 keeps the stack pointer: a call changes rax, rcx and r11 alone. */
	.text

	.macro enter
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, %r9
	mov %rdi, %rsp
	.irp register, rbx, rbp, r12, r13, r14, r15
	mov %rsi, %\register
	.endr
	.endm

	.macro leave_again
	mov %r9, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
	.endm

	.globl forged_spin
	.type forged_spin, @function
forged_spin:
	enter
	mov $462, %eax
1:	movl $1, 4(%rdx)
	pause
	cmpl $0, (%rdx)
	je 1b
	leave_again
	.size forged_spin, . - forged_spin

	.globl forged_read
	.type forged_read, @function
forged_read:
	enter
	movl $1, 4(%rdx)
	mov %ecx, %edi
	mov %r8, %rsi
	mov $1, %edx
	xor %eax, %eax
	call call_and_return
	leave_again
	.size forged_read, . - forged_read

	.type call_and_return, @function
call_and_return:
	syscall
	ret
	.size call_and_return, . - call_and_return

	.section .rodata
	.balign 8
	.globl forged_layout
	.type forged_layout, @object
forged_layout:
	.quad 312, 176, 168
	.size forged_layout, . - forged_layout

	.section .note.GNU-stack, "", @progbits
