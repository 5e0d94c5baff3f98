/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * nocall MODE COMMAND...: run COMMAND under a seccomp filter that denies it a system call.
 *
 * ptrace: all of it        setregs: only those that set registers, with EIO
 * pokeuser: only what sets debug registers: PTRACE_POKEUSER, or NT_ARM_HW_BREAK
 * readv: process_vm_readv(2)
 * lsm: lsm_get_self_attr(2); it is ended for that
 */
#include <elf.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct seccomp_data, name)
#define LOW_HALF(name) (FIELD(name) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))

#ifndef SYS_lsm_get_self_attr
#define SYS_lsm_get_self_attr 459
#endif

/* newer architectures have no other request than SETREGSET */
#ifdef PT_SETREGS
#define SETREGS PTRACE_SETREGS
#else
#define SETREGS PTRACE_SETREGSET
#endif

static const struct mode {
	const char *name;
	unsigned call;
	unsigned requests[2];	/* its first argument; 0: whatever it is */
	unsigned regset;	/* and its third, if it is the second of these; 0: the same */
	unsigned answer;
} modes[] = {
	{ "ptrace", SYS_ptrace, { 0, 0 }, 0, SECCOMP_RET_ERRNO | EPERM },
	{ "pokeuser", SYS_ptrace, { PTRACE_POKEUSER, PTRACE_SETREGSET }, NT_ARM_HW_BREAK,
	  SECCOMP_RET_ERRNO | EPERM },
	{ "setregs", SYS_ptrace, { SETREGS, PTRACE_SETREGSET }, 0, SECCOMP_RET_ERRNO | EIO },
	{ "readv", SYS_process_vm_readv, { 0, 0 }, 0, SECCOMP_RET_ERRNO | EPERM },
	{ "lsm", SYS_lsm_get_self_attr, { 0, 0 }, 0, SECCOMP_RET_KILL_PROCESS },
};

#define MODE_COUNT (sizeof(modes) / sizeof(modes[0]))

static int install(const struct mode *m)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, m->call, 0, 7),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_HALF(args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, m->requests[0], 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, m->requests[1], 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_HALF(args[2])),
		BPF_JUMP(BPF_JMP | (m->regset ? BPF_JEQ : BPF_JGE) | BPF_K, m->regset, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, m->answer),
		BPF_STMT(BPF_RET | BPF_K, m->requests[0] ? SECCOMP_RET_ALLOW : m->answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	/* unchanged for a user without privileges, or the filter would need CAP_SYS_ADMIN */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	const struct mode *m = modes;

	while (argc > 2 && m < modes + MODE_COUNT && strcmp(m->name, argv[1]) != 0)
		m++;
	if (argc < 3 || m == modes + MODE_COUNT) {
		fputs("nocall: usage: nocall readv|ptrace|pokeuser|setregs|lsm COMMAND...\n", stderr);
		return 99;
	}
	if (install(m) != 0) {
		fprintf(stderr, "nocall: cannot install the filter: %s\n", strerror(errno));
		return 99;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "nocall: %s: %s\n", argv[2], strerror(errno));
	return 99;
}
