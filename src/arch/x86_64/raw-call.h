/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RAW_CALL_H
#define MSEALCTL_RAW_CALL_H

/*
 * A system call with five arguments; a sixth would be 0.  Returns the kernel's result,
 * -errno if it failed.  See syscall(2), "Architecture calling conventions".
 */
static inline long raw_call(long number, long a, long b, long c, long d, long e)
{
	long result;

#ifdef __x86_64__
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	register long sixth __asm__("r9") = 0;

	__asm__ volatile ("syscall"
			  : "=a" (result)
			  : "a" (number), "D" (a), "S" (b), "d" (c), "r" (fourth), "r" (fifth),
			    "r" (sixth)
			  : "rcx", "r11", "memory");
#else
	__asm__ volatile ("push %%ebp\n\t"
			  "xor %%ebp, %%ebp\n\t"
			  "int $0x80\n\t"
			  "pop %%ebp"
			  : "=a" (result)
			  : "a" (number), "b" (a), "c" (b), "d" (c), "S" (d), "D" (e)
			  : "memory");
#endif
	return result;
}

#endif
