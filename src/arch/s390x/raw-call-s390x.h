/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RAW_CALL_H
#define MSEALCTL_RAW_CALL_H

#include <sys/syscall.h>

/*
 * Make a system call.  Returns what the kernel does: -errno if it fails.  syscall(2),
 * "Architecture calling conventions".
 */
static inline long raw_call(long number, long a, long b, long c, long d, long e, long f)
{
	/* mmap(2) alone has its arguments in memory: arch/s390/kernel/syscall.c */
	const long in_memory[] = { a, b, c, d, e, f };
	register long r1 __asm__("1") = number;
	register long r2 __asm__("2") = number == SYS_mmap ? (long)in_memory : a;
	register long r3 __asm__("3") = b;
	register long r4 __asm__("4") = c;
	register long r5 __asm__("5") = d;
	register long r6 __asm__("6") = e;
	register long r7 __asm__("7") = f;

	__asm__ volatile ("svc 0"
			  : "+d" (r2)
			  : "d" (r1), "d" (r3), "d" (r4), "d" (r5), "d" (r6), "d" (r7)
			  : "memory");
	return r2;
}

#endif
