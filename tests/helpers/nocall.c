/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * nocall CALL COMMAND...: run COMMAND under a seccomp filter that denies it a system call
 * with EPERM.
 *
 * ptrace: all of it        pokeuser: only PTRACE_POKEUSER, which sets debug registers
 */
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

static int install(unsigned request, unsigned otherwise)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, request, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, otherwise),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	/* as it was for a user without privileges, or the filter would need CAP_SYS_ADMIN */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	int all;

	if (argc < 3 || (strcmp(argv[1], "ptrace") != 0 && strcmp(argv[1], "pokeuser") != 0)) {
		fputs("nocall: usage: nocall ptrace|pokeuser COMMAND...\n", stderr);
		return 99;
	}
	all = strcmp(argv[1], "ptrace") == 0;
	if (install(PTRACE_POKEUSER, all ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW) != 0) {
		fprintf(stderr, "nocall: cannot install the filter: %s\n", strerror(errno));
		return 99;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "nocall: %s: %s\n", argv[2], strerror(errno));
	return 99;
}
