/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "reenter.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "call-table.h"
#include "clock.h"
#include "remote-abi.h"
#include "syscall-restart.h"

/*
 * Can call NUMBER, which a thread may be about to make for the first time, be made while it
 * is interrupted?  A call that cannot wait needs no such care; those listed never return.
 */
static bool may_reenter(const struct remote_abi *abi, long number)
{
	static const long never_return[] = {
		SYS_exit, SYS_exit_group, SYS_execve, SYS_execveat, SYS_rt_sigreturn,
	};

	for (size_t i = 0; i < sizeof(never_return) / sizeof(never_return[0]); i++)
		if (number == never_return[i])
			return false;
	return number == abi->restart_syscall || call_traits(abi, number) == 0;
}

/* At the entry stop: the kernel may have put restart_syscall(2) in place of call NUMBER. */
static int enter(const struct tracee_thread *thread, const struct remote_abi *abi,
		 const remote_regs *before, remote_regs *regs)
{
	if (remote_regs_syscall(regs) == abi->restart_syscall &&
	    !syscall_may_restart(thread->pid, thread->tid, abi, before)) {
		remote_regs_set_number(regs, remote_regs_syscall(before));
		if (remote_regs_set(thread->tid, regs) < 0)
			return -ESRCH;
	}
	return ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL) == 0 ? 0 : -errno;
}

/* At the exit stop: the call had FIRST as its first argument. */
static int leave(const struct tracee_thread *thread, __u64 first, remote_regs *regs)
{
	int r;

	remote_regs_set_argument(regs, first);
	syscall_restart_repair(thread->pid, thread->tid, regs);
	r = remote_regs_get(thread->tid, regs);
	remote_regs_set_argument(regs, first);
	return r;
}

int reenter_call(struct tracee *t, struct tracee_thread *thread, remote_regs *regs)
{
	const struct remote_abi *abi = remote_abi_of(regs);
	const remote_regs before = *regs;
	bool entered = false, interrupted = false;
	__u64 arguments[6];
	int sig = 0, status = 0, r = 0;

	/*
	 * A call whose EINTR was repaired would end with EINTR again; if msealctl died then, the
	 * program would see it.
	 */
	if (!abi || thread->was_eintr || !remote_regs_restarts_hidden(regs) ||
	    !may_reenter(abi, remote_regs_syscall(regs)))
		return 0;
	while (r == 0) {
		r = tracee_resume(t, thread, PTRACE_SYSCALL, sig, &status);
		if (r == 0)
			r = remote_regs_get(thread->tid, regs);
		sig = 0;
		if (r < 0 || (status >> 16 == PTRACE_EVENT_STOP && interrupted))
			break;
		if (WSTOPSIG(status) == TRACEE_SYSCALL_STOP) {
			if (entered)
				return leave(thread, arguments[0], regs);
			remote_abi_arguments(abi, regs, arguments);
			entered = interrupted = true;
			r = enter(thread, abi, &before, regs);
		} else if (status >> 16 == 0) {
			sig = WSTOPSIG(status);
			interrupted = true;
			if (ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL) != 0)
				r = -errno;
		} else if (clock_now() >= t->deadline) {
			r = -ETIMEDOUT;
		}
	}
	return r;
}
