/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RAW_CALL_H
#define MSEALCTL_RAW_CALL_H

/*
 * Make a system call.  Returns what the kernel does: -errno if it fails.  syscall(2),
 * "Architecture calling conventions".  Any call may destroy the vector registers
 * (Documentation/arch/riscv/vector.rst), which a compiler that uses them must know.
 */
#ifdef __riscv_vector
#define RAW_CALL_CLOBBERS "memory", \
	"v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", \
	"v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", \
	"v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31"
#else
#define RAW_CALL_CLOBBERS "memory"
#endif

static inline long raw_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long nr __asm__("a7") = number;
	register long first __asm__("a0") = a;
	register long second __asm__("a1") = b;
	register long third __asm__("a2") = c;
	register long fourth __asm__("a3") = d;
	register long fifth __asm__("a4") = e;
	register long sixth __asm__("a5") = f;

	__asm__ volatile ("ecall"
			  : "+r" (first)
			  : "r" (nr), "r" (second), "r" (third), "r" (fourth), "r" (fifth),
			    "r" (sixth)
			  : RAW_CALL_CLOBBERS);
	return first;
}

#endif
