/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The calls of glibc and musl before main(), see x86_64/startup-calls.c. */
#include "generic-calls.h"

#include <sys/syscall.h>

#include "mseal.h"

/* riscv_hwprobe(2) of riscv64, by which glibc 2.40 and later choose functions */
#define CALL_OF_MACHINE 258

static const short program[] = {
	__NR_brk, __NR_mmap, __NR_munmap, __NR_mprotect, __NR_prctl, __NR_set_tid_address,
	__NR_set_robust_list, __NR_rseq, __NR_prlimit64, __NR_readlinkat, __NR_getrandom,
	__NR_uname, __NR_faccessat, __NR_getuid, __NR_geteuid, __NR_getgid, __NR_getegid,
	CALL_OF_MACHINE, STARTUP_CALLS_END,
};

static const short loader[] = {
	__NR_openat, __NR_read, __NR_pread64, __NR_fstat, __NR_newfstatat, __NR_statx,
	__NR_close, __NR_getcwd, __NR_lseek, __NR_fcntl, __NR_futex, __NR_madvise,
	__NR_write, __NR_writev, STARTUP_CALLS_END,
};

const struct startup_calls generic_startup_calls = {
	.mprotect = __NR_mprotect, .mseal = __NR_mseal, .exit_group = __NR_exit_group,
	.program = program, .loader = loader,
};
