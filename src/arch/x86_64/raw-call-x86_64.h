/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RAW_CALL_H
#define MSEALCTL_RAW_CALL_H

/*
 * Make a system call.  Returns what the kernel does: -errno if it fails.  syscall(2),
 * "Architecture calling conventions".
 */
static inline long raw_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	register long sixth __asm__("r9") = f;
	long result;

	__asm__ volatile ("syscall"
			  : "=a" (result)
			  : "a" (number), "D" (a), "S" (b), "d" (c), "r" (fourth), "r" (fifth),
			    "r" (sixth)
			  : "rcx", "r11", "memory");
	return result;
}

#endif
