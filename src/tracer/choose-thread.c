/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "choose-thread.h"

#include <errno.h>
#include <linux/prctl.h>
#include <sys/ptrace.h>

#include "clock.h"
#include "process.h"
#include "remote-memory.h"
#include "signals.h"

/*
 * How little a thread is disturbed by our call; the highest wins.  That no filter must be
 * suspended counts more than what the thread is doing, and that it belongs to the target,
 * not to another process that shares the memory, counts most.
 */
enum merit {
	MERIT_NONE,
	MERIT_CRITICAL,		/* in a restartable sequence, which must be aborted */
	MERIT_USER,		/* in its own code */
	MERIT_TIMED,		/* in a call whose remaining time only the kernel knows */
	MERIT_SYSCALL,		/* at the end of a call */
	MERIT_RESTARTING,	/* in a call that the kernel makes again by itself */
	MERIT_UNFILTERED = 8,	/* no seccomp filter must be suspended */
	MERIT_OWN = 16,
	MERIT_BEST = MERIT_OWN + MERIT_UNFILTERED + MERIT_RESTARTING,
};

/* struct rseq_cs of include/uapi/linux/rseq.h */
struct critical_section {
	uint32_t version, flags;
	uint64_t start_ip, post_commit_offset, abort_ip;
};

/* Is thread TID with REGS inside a restartable sequence (rseq(2))?  If so, *RET is that. */
static bool in_critical_section(pid_t tid, const remote_regs *regs, struct critical_section *ret)
{
	struct __ptrace_rseq_configuration rseq;
	struct memory m = remote_memory(tid);
	uint64_t cs_addr;

	if (remote_regs_in_syscall(regs) ||
	    ptrace(PTRACE_GET_RSEQ_CONFIGURATION, tid, sizeof(rseq), &rseq) != sizeof(rseq) ||
	    rseq.rseq_abi_pointer == 0)
		return false;
	/* the field rseq_cs of struct rseq */
	return m.read(&m, rseq.rseq_abi_pointer + 8, &cs_addr, sizeof(cs_addr)) == 0 &&
	       cs_addr != 0 && m.read(&m, cs_addr, ret, sizeof(*ret)) == 0 &&
	       remote_regs_pc(regs) - ret->start_ip < ret->post_commit_offset;
}

/* PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG of Linux 6.4, and its struct ptrace_sud_config */
#define GET_DISPATCH 0x4211
struct dispatch {
	uint64_t mode, selector, offset, len;
};

/*
 * Would the kernel send thread TID a SIGSYS in place of our call?  It does so for programs that
 * make the calls of another system, such as Wine (Syscall User Dispatch, prctl(2)).  See
 * inject_mask() for kernels that do not say so.
 */
static bool dispatches_calls(pid_t tid)
{
	struct dispatch dispatch;
	struct memory m = remote_memory(tid);
	uint8_t selected;

	if (ptrace(GET_DISPATCH, tid, sizeof(dispatch), &dispatch) != 0 ||
	    dispatch.mode != PR_SYS_DISPATCH_ON)
		return false;
	/* calls from some code are excepted: that ours are is not relied upon */
	return dispatch.selector == 0 ||
	       m.read(&m, dispatch.selector, &selected, sizeof(selected)) < 0 ||
	       selected != SYSCALL_DISPATCH_FILTER_ALLOW;
}

/* Threads of the kernel that belong to a process, such as those of vhost, have no registers. */
static bool is_of_kernel(const remote_regs *regs)
{
	return remote_regs_pc(regs) == 0 && remote_regs_sp(regs) == 0;
}

static unsigned merit_of_state(const struct tracee_thread *thread, const remote_regs *regs)
{
	struct critical_section cs;

	if (remote_regs_has_restart_block(regs))
		return MERIT_TIMED;
	if (remote_regs_restarts(regs))
		return MERIT_RESTARTING;
	if (remote_regs_in_syscall(regs))
		return MERIT_SYSCALL;
	return in_critical_section(thread->tid, regs, &cs) ? MERIT_CRITICAL : MERIT_USER;
}

/*
 * How well THREAD can make calls for addresses up to END, if that is better than BEST: only
 * then is it looked up in /proc, which takes longer than its registers, and *RET is set.
 * *RET_DISPATCHES is set if it cannot because of dispatches_calls().
 */
static unsigned judge_thread(const struct tracee *t, const struct tracee_thread *thread,
			     uint64_t end, unsigned best, struct process *ret,
			     bool *ret_dispatches)
{
	const struct remote_abi *abi;
	unsigned merit;
	remote_regs regs;

	if (thread->state != THREAD_STOPPED || remote_regs_get(thread->tid, &regs) < 0)
		return MERIT_NONE;
	abi = remote_abi_of(&regs);
	if (!abi || end > abi->address_end || is_of_kernel(&regs))
		return MERIT_NONE;
	merit = merit_of_state(thread, &regs) + (thread->pid == t->pid ? MERIT_OWN : 0);
	if (merit + MERIT_UNFILTERED <= best ||
	    process_read_thread(thread->pid, thread->tid, ret) < 0 || ret->io_worker)
		return MERIT_NONE;
	if (dispatches_calls(thread->tid)) {
		*ret_dispatches = true;
		return MERIT_NONE;
	}
	return merit + (ret->seccomp == SECCOMP_OFF || t->own_filter ? MERIT_UNFILTERED : 0);
}

int choose_thread(struct injector *in, const struct regions *regions)
{
	const struct region *last = &regions->items[regions->count - 1];
	struct tracee *t = in->tracee;
	unsigned best = MERIT_NONE;
	bool dispatches = false;

	for (size_t i = 0; i < t->count && best < MERIT_BEST; i++) {
		struct process p;
		unsigned merit = judge_thread(t, &t->threads[i], last->end, best, &p,
					      &dispatches);

		/* each may have a page that takes a second to be read */
		if (clock_now() >= t->deadline)
			return -ETIMEDOUT;
		if (signals_ending())
			return -EINTR;
		if (merit <= best)
			continue;
		best = merit;
		in->thread = &t->threads[i];
		in->unfiltered = p.seccomp == SECCOMP_OFF;
		in->processor = p.processor;
		in->inner_tid = p.inner_tid;
		in->caught = p.caught;
	}
	in->must_suspend = !(best & MERIT_UNFILTERED);
	return best != MERIT_NONE ? 0 : dispatches ? -ENOSYS : -ENOTSUP;
}

void abort_critical_section(pid_t tid, remote_regs *regs)
{
	struct critical_section cs;

	if (in_critical_section(tid, regs, &cs))
		remote_regs_set_pc(regs, cs.abort_ip);
}
