/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "syscall-restart.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>

#include "call-table.h"
#include "process.h"
#include "seccomp.h"

bool syscall_may_restart(pid_t pid, pid_t tid, const struct remote_abi *abi,
			 const remote_regs *regs)
{
	struct process thread;
	int r;

	/* it is in that call already */
	if (remote_regs_syscall(regs) == abi->restart_syscall)
		return true;
	r = seccomp_permits(tid, abi, regs, abi->restart_syscall);
	/* in strict mode, it would have made no call that waits */
	if (r >= 0 || r == -ENODATA)
		return r != 0;
	return process_read_thread(pid, tid, &thread) < 0 || thread.seccomp == SECCOMP_OFF;
}

/* How msealctl must restart the interrupted call; 0 if the kernel does so, or nothing must. */
static int restart_needed(pid_t pid, pid_t tid, const struct remote_abi *abi,
			  const remote_regs *regs)
{
	unsigned traits = call_traits(abi, remote_regs_syscall(regs));
	long result = remote_regs_result(regs);
	__u64 arguments[6];

	if (result == -EINTR)
		return traits & CALL_ONCE ? 0 : REMOTE_ERESTARTNOHAND;
	remote_abi_arguments(abi, regs, arguments);
	/* getrandom(2): it has filled less than its second argument asks for */
	if ((traits & CALL_REPEAT) && result >= 0 && (__u64)result < arguments[1])
		return REMOTE_ERESTARTNOINTR;
	return remote_regs_has_restart_block(regs) && !syscall_may_restart(pid, tid, abi, regs) ?
	       REMOTE_ERESTARTNOHAND : 0;
}

/*
 * Is a signal with a handler about to be delivered to TID?  Then EINTR is what the program has
 * to see, and where the argument has to be found out, the kernel will not put it there.
 */
static bool handler_is_due(pid_t pid, pid_t tid)
{
	struct process thread;
	uint64_t mask;

	if (process_read_thread(pid, tid, &thread) < 0 ||
	    ptrace(PTRACE_GETSIGMASK, tid, sizeof(mask), &mask) != 0)
		return true;
	return (thread.pending & thread.caught & ~mask) != 0;
}

/*
 * The first argument of the call at whose end TID is.  Kernels that take what a tracer sets
 * for the argument show the result in its place.
 */
static bool read_argument(const struct transfer *seen, pid_t pid, pid_t tid,
			  const remote_regs *regs, uint64_t *ret)
{
	struct process_call call;
	bool found = false;

	if (transfer_first_argument(seen, pid, tid, regs, ret))
		return true;
	if (remote_regs_show_call(tid, regs) < 0)
		return false;
	if (process_find_call(pid, tid, &call) == 0 &&
	    call.number == remote_regs_syscall(regs) &&
	    call.arguments[0] != (uint64_t)remote_regs_result(regs)) {
		*ret = call.arguments[0];
		found = true;
	}
	remote_regs_set(tid, regs);
	return found;
}

void syscall_restart_complete(const struct transfer *seen, pid_t pid, pid_t tid,
			      remote_regs *regs)
{
	const struct remote_abi *abi = remote_abi_of(regs);
	long result = remote_regs_result(regs);
	uint64_t argument;

	if (!abi || !remote_regs_lack_argument(regs) ||
	    (result != -EINTR && result <= 0 && !remote_regs_restarts(regs)) ||
	    (result > 0 && !call_traits(abi, remote_regs_syscall(regs))) ||
	    (result == -EINTR && handler_is_due(pid, tid)))
		return;
	if (read_argument(seen, pid, tid, regs, &argument))
		remote_regs_set_argument(regs, argument);
}

bool syscall_restart_repair(pid_t pid, pid_t tid, const remote_regs *regs)
{
	const struct remote_abi *abi = remote_abi_of(regs);
	remote_regs repaired = *regs;
	int restart;

	if (!abi || !remote_regs_in_syscall(regs) || remote_regs_lack_argument(regs))
		return false;
	restart = restart_needed(pid, tid, abi, regs);
	if (restart == 0)
		return false;
	remote_regs_set_restart(&repaired, restart);
	return remote_regs_set(tid, &repaired) == 0;
}

bool syscall_restart_leaves_eintr(pid_t pid, pid_t tid, const remote_regs *regs)
{
	return remote_regs_in_syscall(regs) && remote_regs_result(regs) == -EINTR &&
	       !handler_is_due(pid, tid);
}

void syscall_restart_end_if_handled(pid_t pid, pid_t tid)
{
	remote_regs regs;

	if (!REMOTE_HIDES_ARGUMENT || remote_regs_get(tid, &regs) < 0 ||
	    !remote_regs_restarts(&regs) || !handler_is_due(pid, tid))
		return;
	remote_regs_set_result(&regs, -EINTR);
	remote_regs_set(tid, &regs);
}

/* The number that the instruction before the call loads, as in libc's wrappers; else -1. */
static long number_in_code(const remote_regs *regs, const struct remote_abi *abi,
			   const struct memory *m)
{
	unsigned char code[REMOTE_LOAD_MAX];
	long number;

	if (m->read(m, remote_regs_call_insn(regs) - sizeof(code), code,
		    sizeof(code)) < 0 ||
	    !remote_abi_number_before(abi, code + sizeof(code), sizeof(code), &number))
		return -1;
	return number;
}

void syscall_restart_rewind(remote_regs *regs, const struct remote_abi *abi,
			    const struct memory *m, long number)
{
	if (!remote_regs_restarts(regs))
		return;
	/* interrupted before: the number was only in the restart block, which is lost */
	if (number == abi->restart_syscall)
		number = number_in_code(regs, abi, m);
	if (number >= 0)
		remote_regs_rewind(regs, number);
	else
		remote_regs_set_result(regs, -EINTR);
}
