/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RAW_CALL_H
#define MSEALCTL_RAW_CALL_H

/*
 * Make a system call.  Returns -errno if it fails, for which the kernel has a positive errno
 * and a bit of the condition register.  syscall(2), "Architecture calling conventions".
 */
static inline long raw_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = number;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;
	register long r6 __asm__("r6") = d;
	register long r7 __asm__("r7") = e;
	register long r8 __asm__("r8") = f;

	__asm__ volatile ("sc\n\t"
			  "bns+ 1f\n\t"
			  "neg %1, %1\n"
			  "1:"
			  : "+r" (r0), "+r" (r3), "+r" (r4), "+r" (r5), "+r" (r6), "+r" (r7),
			    "+r" (r8)
			  :
			  : "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
	return r3;
}

#endif
