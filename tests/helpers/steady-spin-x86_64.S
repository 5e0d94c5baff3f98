/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* steady_spin_x86_64() of steady-x86_64.c; offsets are those of its struct registers. */
#define RED_ZONE 128
#define FLAGS 112
#define RED 120
#define XSAVE 256

	.section .tbss,"awT",@nobits
	.balign 8
kept_out:	.skip 8
kept_mask:	.skip 8
kept_rax:	.skip 8

	.text
	.globl	steady_spin_x86_64
	.type	steady_spin_x86_64, @function
steady_spin_x86_64:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsi, %fs:kept_out@tpoff
	mov	%rcx, %fs:kept_mask@tpoff
	mov	%rdx, %r8			/* rounds */

	mov	%ecx, %eax
	mov	%rcx, %rdx
	shr	$32, %rdx
	xrstor64 XSAVE(%rdi)
	pushq	FLAGS(%rdi)
	popfq					/* from here on nothing changes the flags */
	mov	$RED_ZONE, %ecx
1:	movb	RED-1(%rdi,%rcx), %al
	movb	%al, -RED_ZONE-1(%rsp,%rcx)
	lea	-1(%rcx), %rcx
	jrcxz	2f
	jmp	1b
2:	mov	%r8, %rcx
	mov	0(%rdi), %rax
	mov	8(%rdi), %rbx
	mov	16(%rdi), %rdx
	mov	24(%rdi), %rsi
	mov	40(%rdi), %rbp
	mov	48(%rdi), %r8
	mov	56(%rdi), %r9
	mov	64(%rdi), %r10
	mov	72(%rdi), %r11
	mov	80(%rdi), %r12
	mov	88(%rdi), %r13
	mov	96(%rdi), %r14
	mov	104(%rdi), %r15
	mov	32(%rdi), %rdi

3:	lea	-1(%rcx), %rcx
	jrcxz	4f
	jmp	3b

4:	mov	%rax, %fs:kept_rax@tpoff
	mov	%fs:kept_out@tpoff, %rax
	mov	%rbx, 8(%rax)
	mov	%rdx, 16(%rax)
	mov	%rsi, 24(%rax)
	mov	%rdi, 32(%rax)
	mov	%rbp, 40(%rax)
	mov	%r8, 48(%rax)
	mov	%r9, 56(%rax)
	mov	%r10, 64(%rax)
	mov	%r11, 72(%rax)
	mov	%r12, 80(%rax)
	mov	%r13, 88(%rax)
	mov	%r14, 96(%rax)
	mov	%r15, 104(%rax)
	mov	%fs:kept_rax@tpoff, %rbx
	mov	%rbx, 0(%rax)
	mov	%rax, %rdi
	lea	-RED_ZONE(%rsp), %rsi
	mov	$RED_ZONE, %ecx
	lea	RED-1(%rdi), %rdx
5:	movb	-1(%rsi,%rcx), %bl
	movb	%bl, (%rdx,%rcx)
	lea	-1(%rcx), %rcx
	jrcxz	6f
	jmp	5b
6:	lea	-RED_ZONE(%rsp), %rsp		/* that is saved: the stack may be used */
	pushfq
	popq	FLAGS(%rdi)
	lea	RED_ZONE(%rsp), %rsp
	cld
	mov	%fs:kept_mask@tpoff, %rax
	mov	%rax, %rdx
	shr	$32, %rdx
	mov	%eax, %eax
	xsave64	XSAVE(%rdi)
	/* what C expects of the x87 and of its control word */
	fninit
	pushq	$0x1f80
	ldmxcsr	(%rsp)
	add	$8, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	steady_spin_x86_64, . - steady_spin_x86_64

	/* never run by the program: what the C library has for signal handlers, and a call */
	mov	$15, %eax			/* rt_sigreturn */
	syscall
	ret
	.section .note.GNU-stack,"",@progbits
