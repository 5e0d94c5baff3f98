/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * noseal MODE COMMAND...: run COMMAND under a seccomp filter that hides mseal(2), so
 * that the paths for kernels and sandboxes without it run on every kernel.
 *
 * enosys, eperm: that errno        fake: success, but nothing is sealed
 * kill: ends the process           killthread: ends the thread
 * trap: sends SIGSYS
 * liar: as fake, and mprotect to r-x, which would reveal it, fails with EPERM
 * norestart: mseal is allowed, restart_syscall(2) ends the process
 * pass: everything is allowed; only the filter is there
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

#define FIELD(name) offsetof(struct seccomp_data, name)
#define LOW_HALF(name) (FIELD(name) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))

static const struct mode {
	const char *name;
	unsigned mseal, restart, protect;	/* what to return for these calls */
} modes[] = {
	{ "enosys", SECCOMP_RET_ERRNO | ENOSYS, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
	{ "eperm", SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
	{ "fake", SECCOMP_RET_ERRNO | 0, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
	{ "kill", SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
	{ "killthread", SECCOMP_RET_KILL_THREAD, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
	{ "trap", SECCOMP_RET_TRAP, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
	{ "liar", SECCOMP_RET_ERRNO | 0, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM },
	{ "norestart", SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW },
	{ "pass", SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
};

static int install(const struct mode *m)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mseal, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, m->mseal),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_restart_syscall, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, m->restart),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_HALF(args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_READ | PROT_EXEC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, m->protect),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	/* or the filter would need CAP_SYS_ADMIN */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	const struct mode *m = NULL;

	for (size_t i = 0; argc > 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, argv[1]) == 0)
			m = &modes[i];
	if (!m) {
		fputs("noseal: usage: noseal MODE COMMAND...\n", stderr);
		return 99;
	}
	if (install(m) != 0) {
		fprintf(stderr, "noseal: cannot install the filter: %s\n", strerror(errno));
		return 99;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "noseal: %s: %s\n", argv[2], strerror(errno));
	return 99;
}
