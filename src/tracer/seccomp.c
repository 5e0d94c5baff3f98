/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/ptrace.h>

#include "bpf.h"
#include "privileges.h"

/*
 * Returns the number of instructions, or -errno; -ENOENT if TID has only INDEX filters,
 * -ENODATA if it has none.
 */
static int read_filter(pid_t tid, unsigned long index, struct sock_filter *code)
{
	long n;

	privileges_raise(CAP_SYS_ADMIN);
	n = ptrace(PTRACE_SECCOMP_GET_FILTER, tid, index, code);
	privileges_lower();
	if (n < 0)
		return errno == EPERM || errno == EIO ? -EACCES :
		       errno == EINVAL ? -ENODATA : -errno;
	return (int)n;
}

static int one_permits(const struct sock_filter *code, int len, const struct seccomp_data *call)
{
	uint32_t action;
	int r = bpf_run(code, (size_t)len, call, &action);

	if (r < 0)
		return r;
	action &= SECCOMP_RET_ACTION_FULL;
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

int seccomp_permits(pid_t tid, const struct remote_abi *abi, const remote_regs *regs,
		    long number)
{
	struct sock_filter code[BPF_MAXINSNS];
	struct seccomp_data call = {
		.nr = (int)number,
		.arch = abi->audit_arch,
		.instruction_pointer = remote_regs_pc(regs),
	};

	remote_abi_arguments(abi, regs, call.args);
	/* all filters must permit it */
	for (unsigned long i = 0; ; i++) {
		int r = read_filter(tid, i, code);

		if (r < 0)
			return r == -ENOENT && i > 0 ? 1 : r;
		r = one_permits(code, r, &call);
		if (r <= 0)
			return r;
	}
}

int seccomp_suspend(pid_t tid, int options)
{
	long r;

	privileges_raise(CAP_SYS_ADMIN);
	r = ptrace(PTRACE_SETOPTIONS, tid, NULL, options | PTRACE_O_SUSPEND_SECCOMP);
	privileges_lower();
	return r == 0 ? 0 : -EACCES;
}
