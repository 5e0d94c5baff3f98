/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "startup-calls.h"

#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "mseal.h"
#include "remote-abi.h"

#define END STARTUP_CALLS_END

#define STARTUP_CODE_SIZE 48

/*
 * glibc (csu/libc-start.c, elf/dl-support.c, csu/libc-tls.c), musl
 * (src/env/__libc_start_main.c): thread pointer, heap and TLS, RELRO, identity.
 */
static const short native_program[] = {
	__NR_brk, __NR_mmap, __NR_munmap, __NR_mprotect, __NR_arch_prctl,
	__NR_set_tid_address, __NR_set_robust_list, __NR_rseq, __NR_prlimit64,
	__NR_getrlimit, __NR_readlink, __NR_readlinkat, __NR_getrandom, __NR_uname,
	__NR_access, __NR_getuid, __NR_geteuid, __NR_getgid, __NR_getegid, END,
};

static const short native_loader[] = {
	__NR_open, __NR_openat, __NR_read, __NR_pread64, __NR_fstat, __NR_stat,
	__NR_newfstatat, __NR_close, __NR_getcwd, __NR_lseek, __NR_fcntl, __NR_futex,
	__NR_madvise, __NR_write, __NR_writev, END,
};

/* The numbers of 32-bit programs: arch/x86/entry/syscalls/syscall_32.tbl. */
enum compat {
	COMPAT_READ = 3, COMPAT_WRITE = 4, COMPAT_OPEN = 5, COMPAT_CLOSE = 6,
	COMPAT_LSEEK = 19, COMPAT_ACCESS = 33, COMPAT_BRK = 45, COMPAT_READLINK = 85,
	COMPAT_MMAP = 90, COMPAT_MUNMAP = 91, COMPAT_UNAME = 122, COMPAT_MPROTECT = 125,
	COMPAT_LLSEEK = 140, COMPAT_WRITEV = 146, COMPAT_PREAD64 = 180, COMPAT_GETCWD = 183,
	COMPAT_UGETRLIMIT = 191, COMPAT_MMAP2 = 192, COMPAT_STAT64 = 195,
	COMPAT_FSTAT64 = 197, COMPAT_GETUID32 = 199, COMPAT_GETGID32 = 200,
	COMPAT_GETEUID32 = 201, COMPAT_GETEGID32 = 202, COMPAT_MADVISE = 219,
	COMPAT_FCNTL64 = 221, COMPAT_FUTEX = 240, COMPAT_SET_THREAD_AREA = 243,
	COMPAT_EXIT_GROUP = 252, COMPAT_SET_TID_ADDRESS = 258, COMPAT_OPENAT = 295,
	COMPAT_FSTATAT64 = 300, COMPAT_READLINKAT = 305, COMPAT_SET_ROBUST_LIST = 311,
	COMPAT_PRLIMIT64 = 340, COMPAT_GETRANDOM = 355, COMPAT_STATX = 383,
	COMPAT_ARCH_PRCTL = 384, COMPAT_RSEQ = 386,
};

static const short compat_program[] = {
	COMPAT_BRK, COMPAT_MMAP, COMPAT_MMAP2, COMPAT_MUNMAP, COMPAT_MPROTECT,
	COMPAT_SET_THREAD_AREA, COMPAT_ARCH_PRCTL, COMPAT_SET_TID_ADDRESS,
	COMPAT_SET_ROBUST_LIST, COMPAT_RSEQ, COMPAT_PRLIMIT64, COMPAT_UGETRLIMIT,
	COMPAT_READLINK, COMPAT_READLINKAT, COMPAT_GETRANDOM, COMPAT_UNAME, COMPAT_ACCESS,
	COMPAT_GETUID32, COMPAT_GETEUID32, COMPAT_GETGID32, COMPAT_GETEGID32, END,
};

static const short compat_loader[] = {
	COMPAT_OPEN, COMPAT_OPENAT, COMPAT_READ, COMPAT_PREAD64, COMPAT_FSTAT64, COMPAT_STAT64,
	COMPAT_FSTATAT64, COMPAT_STATX, COMPAT_CLOSE, COMPAT_GETCWD, COMPAT_LSEEK,
	COMPAT_LLSEEK, COMPAT_FCNTL64, COMPAT_FUTEX, COMPAT_MADVISE, COMPAT_WRITE,
	COMPAT_WRITEV, END,
};

static const struct startup_calls native = {
	.mprotect = __NR_mprotect, .mseal = __NR_mseal, .exit_group = __NR_exit_group,
	.program = native_program, .loader = native_loader,
};

static const struct startup_calls compat = {
	.mprotect = COMPAT_MPROTECT, .mseal = __NR_mseal, .exit_group = COMPAT_EXIT_GROUP,
	.program = compat_program, .loader = compat_loader,
};

const struct startup_calls *startup_calls_of(const remote_regs *regs)
{
	const struct remote_abi *abi = remote_abi_of(regs);

	if (!abi)
		return NULL;
	return abi->word == sizeof(uint64_t) ? &native : &compat;
}

void startup_call_replace(remote_regs *regs, long number)
{
	regs->orig_rax = (unsigned long)number;
	if (startup_calls_of(regs) == &native)
		regs->rdi = regs->rsi = regs->rdx = regs->r10 = 0;
	else
		regs->rbx = regs->rcx = regs->rdx = regs->rsi = 0;
}

void startup_call_rewind(remote_regs *regs)
{
	remote_regs_rewind(regs, remote_regs_syscall(regs));
	regs->orig_rax = (unsigned long)-1;
}

uint64_t startup_main(const struct memory *m, uint64_t entry)
{
	unsigned char code[STARTUP_CODE_SIZE];
	/* xor %ebp,%ebp; mov %rdx,%r9; pop %rsi; mov %rsp,%rdx; after endbr64, if that is there */
	static const unsigned char begin[] = {
		0x31, 0xed, 0x49, 0x89, 0xd1, 0x5e, 0x48, 0x89, 0xe2,
	};
	static const unsigned char lea[] = { 0x48, 0x8d, 0x3d }, mov[] = { 0x48, 0xc7, 0xc7 };
	int32_t operand;
	size_t at;

	if (m->read(m, entry, code, sizeof(code)) < 0)
		return 0;
	at = code[0] == 0xf3 ? 4 : 0;
	if (memcmp(code + at, begin, sizeof(begin)) != 0)
		return 0;
	/* lea main(%rip),%rdi or mov $main,%rdi */
	for (at += sizeof(begin); at + 7 <= STARTUP_CODE_SIZE; at++) {
		memcpy(&operand, code + at + 3, sizeof(operand));
		if (memcmp(code + at, lea, sizeof(lea)) == 0)
			return entry + at + 7 + (uint64_t)(int64_t)operand;
		if (memcmp(code + at, mov, sizeof(mov)) == 0)
			return (uint64_t)(int64_t)operand;
	}
	return 0;
}
