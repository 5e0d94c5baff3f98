/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RAW_CALL_H
#define MSEALCTL_RAW_CALL_H

/*
 * Make a system call.  Returns what the kernel does: -errno if it fails.  syscall(2),
 * "Architecture calling conventions"; it may destroy the temporary registers
 * (arch/loongarch/kernel/entry.S).
 */
static inline long raw_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long nr __asm__("a7") = number;
	register long first __asm__("a0") = a;
	register long second __asm__("a1") = b;
	register long third __asm__("a2") = c;
	register long fourth __asm__("a3") = d;
	register long fifth __asm__("a4") = e;
	register long sixth __asm__("a5") = f;

	__asm__ volatile ("syscall 0"
			  : "+r" (first)
			  : "r" (nr), "r" (second), "r" (third), "r" (fourth), "r" (fifth),
			    "r" (sixth)
			  : "memory", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8");
	return first;
}

#endif
