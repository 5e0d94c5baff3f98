/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Making a stopped thread do a system call of ours.
 *
 * mseal needs nothing in memory: no scratch page, no string, no stack.  So only
 * registers change.  The program counter goes to a system call instruction that
 * is mapped already, all signals are blocked, and the thread runs from there to
 * the entry stop and the exit stop of the call, and no further: not one
 * instruction behind it is executed.  No text is written, and there is neither a
 * breakpoint nor a single step, whose SIGTRAP would cost the program its own.
 * In the end the registers are those of before, so that a call which our stop
 * interrupted is restarted by the kernel, as after any stop.
 *
 * If we are killed in the middle, the kernel lets the thread run on with our
 * registers.  Then the instruction behind the call is executed: a return, into
 * the signal frame that guard.c has left on the stack, which undoes it all.  For
 * that the order matters: the frame, then the registers, then the mask; and at
 * the end the mask before the registers.
 */
#include "inject.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "gadgets.h"
#include "guard.h"
#include "memory.h"
#include "privileges.h"
#include "process.h"

#define SYSCALL_STOP (SIGTRAP | 0x80)	/* PTRACE_O_TRACESYSGOOD */

/* sizeof(sigset_t) to the kernel, for PTRACE_GETSIGMASK */
#define KERNEL_SIGSET_SIZE sizeof(uint64_t)

/* How little a thread minds; the highest wins. */
enum fitness {
	UNFIT,
	FIT_FILTERED,		/* a seccomp filter must be suspended */
	FIT_USER,		/* in its own code, perhaps in a critical section */
	FIT_SYSCALL,		/* in a call */
	FIT_RESTARTING,		/* in a call that the kernel restarts by itself */
};

static bool is_syscall_insn(const struct memory *m, uint64_t addr)
{
	unsigned char bytes[sizeof(remote_syscall_insn)];

	return m->read(m, addr, bytes, sizeof(bytes)) == 0 &&
	       memcmp(bytes, remote_syscall_insn, sizeof(bytes)) == 0;
}

static enum fitness judge_thread(const struct tracee *t, const struct tracee_thread *thread)
{
	struct process p;
	remote_regs regs;

	if (thread->state != THREAD_STOPPED || process_read_thread(t->pid, thread->tid, &p) < 0)
		return UNFIT;
	/* io_uring's threads never leave the kernel */
	if (strncmp(p.comm, "iou-", 4) == 0 || remote_regs_get(thread->tid, &regs) < 0)
		return UNFIT;
	if (p.seccomp != SECCOMP_OFF && !t->own_filter)
		return FIT_FILTERED;
	if (remote_regs_restarts(&regs))
		return FIT_RESTARTING;
	return remote_regs_in_syscall(&regs) ? FIT_SYSCALL : FIT_USER;
}

static struct tracee_thread *choose_thread(struct tracee *t, enum fitness *ret_fitness)
{
	struct tracee_thread *best = NULL;

	*ret_fitness = UNFIT;
	for (size_t i = 0; i < t->count && *ret_fitness < FIT_RESTARTING; i++) {
		enum fitness fitness = judge_thread(t, &t->threads[i]);

		if (fitness > *ret_fitness) {
			*ret_fitness = fitness;
			best = &t->threads[i];
		}
	}
	return best;
}

/* A filter could refuse the call, or kill the process for it. */
static int suspend_seccomp(pid_t tid)
{
	int r = privileges_set(CAP_SYS_ADMIN, true);

	if (r < 0)
		return -EACCES;
	if (ptrace(PTRACE_SETOPTIONS, tid, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_SUSPEND_SECCOMP) != 0)
		r = -EACCES;
	privileges_set(CAP_SYS_ADMIN, false);
	return r;
}

/* struct rseq_cs of include/uapi/linux/rseq.h */
struct critical_section {
	uint32_t version, flags;
	uint64_t start_ip, post_commit_offset, abort_ip;
};

/*
 * Running the thread elsewhere makes the kernel forget that it was inside a
 * restartable sequence (rseq(2)), and the sequence would finish on data that may
 * no longer be this CPU's.  So do what the kernel would have done: abort it.
 */
static void abort_critical_section(struct injector *in, const struct memory *m)
{
	struct __ptrace_rseq_configuration rseq;
	struct critical_section cs;
	uint64_t cs_addr, pc = remote_regs_pc(&in->saved);

	if (ptrace(PTRACE_GET_RSEQ_CONFIGURATION, in->thread->tid, sizeof(rseq), &rseq) !=
	    sizeof(rseq) || rseq.rseq_abi_pointer == 0)
		return;
	/* the field rseq_cs of struct rseq */
	if (m->read(m, rseq.rseq_abi_pointer + 8, &cs_addr, sizeof(cs_addr)) < 0 ||
	    cs_addr == 0 || m->read(m, cs_addr, &cs, sizeof(cs)) < 0)
		return;
	if (pc - cs.start_ip < cs.post_commit_offset)
		remote_regs_set_pc(&in->saved, cs.abort_ip);
}

/* Where to make the call, and on which stack; guarded, if that can be. */
static int choose_insn(struct injector *in, const struct memory *m,
		       const struct regions *regions)
{
	struct gadgets gadgets;
	struct guard guard;

	gadgets_find(&gadgets, m, regions);
	in->insn = gadgets.syscall;
	in->stack = remote_regs_sp(&in->saved);
	in->guarded = guard_place(&guard, in->thread->tid, &in->saved, in->saved_mask,
				  &gadgets, regions) == 0;
	if (in->guarded) {
		in->insn = guard.insn;
		in->stack = guard.stack;
	}
	/* the instruction that the thread itself is waiting in, if it is */
	if (!in->insn && remote_regs_in_syscall(&in->saved)) {
		uint64_t own = remote_regs_pc(&in->saved) - sizeof(remote_syscall_insn);

		in->insn = is_syscall_insn(m, own) ? own : 0;
	}
	return in->insn ? 0 : -ENOEXEC;
}

int inject_begin(struct injector *ret, struct tracee *tracee, const struct regions *regions)
{
	struct injector in = { .tracee = tracee };
	enum fitness fitness;
	struct memory m;
	int r;

	in.thread = choose_thread(tracee, &fitness);
	if (!in.thread)
		return -ESRCH;
	/* its threads could be stopped, but none would run the call */
	if (process_frozen(tracee->pid))
		return -EBUSY;
	r = remote_regs_get(in.thread->tid, &in.saved);
	if (r < 0)
		return r;
	if (!remote_regs_native(&in.saved))
		return -ENOTSUP;
	if (fitness == FIT_FILTERED) {
		r = suspend_seccomp(in.thread->tid);
		if (r < 0)
			return r;
	}
	if (ptrace(PTRACE_GETSIGMASK, in.thread->tid, KERNEL_SIGSET_SIZE, &in.saved_mask) != 0)
		return -errno;

	m = memory_of(in.thread->tid);
	if (!remote_regs_in_syscall(&in.saved))
		abort_critical_section(&in, &m);
	remote_regs_heal(&in.saved);
	r = choose_insn(&in, &m, regions);
	if (r == 0)
		*ret = in;
	return r;
}

/* Run the thread to its next system call stop. */
static int run_to_syscall_stop(struct injector *in)
{
	int sig = 0;

	for (;;) {
		int status, r = tracee_resume(in->tracee, in->thread, PTRACE_SYSCALL, sig,
					      &status);
		if (r < 0)
			return r;
		sig = 0;
		/* a process that is being stopped, or was: this stop comes first */
		if (status >> 16 == PTRACE_EVENT_STOP)
			continue;
		if (WSTOPSIG(status) == SYSCALL_STOP)
			return 0;
		/* SIGSTOP cannot be blocked; whoever sent it shall have it */
		if (WSTOPSIG(status) != SIGSTOP)
			return -EFAULT;
		sig = SIGSTOP;
	}
}

int inject_call(struct injector *in, long number, const unsigned long arguments[4],
		long *ret_result)
{
	static const uint64_t all_signals = UINT64_MAX;
	remote_regs regs = in->saved;
	int r;

	remote_regs_prepare(&regs, in->insn, number, arguments);
	remote_regs_set_sp(&regs, in->stack);
	r = remote_regs_set(in->thread->tid, &regs);
	if (r < 0)
		return r;
	if (!in->masked && ptrace(PTRACE_SETSIGMASK, in->thread->tid, KERNEL_SIGSET_SIZE,
				  &all_signals) != 0)
		return -errno;
	in->masked = true;
	r = run_to_syscall_stop(in);
	if (r == 0)
		r = run_to_syscall_stop(in);
	if (r == 0)
		r = remote_regs_get(in->thread->tid, &regs);
	if (r < 0)
		return r;
	if (remote_regs_syscall(&regs) != number)
		return -EFAULT;
	*ret_result = remote_regs_result(&regs);
	return 0;
}

int inject_end(struct injector *in)
{
	if (in->thread->state != THREAD_STOPPED)
		return -ESRCH;
	/* the mask first: with the registers back, a signal must find its handler */
	if (in->masked && ptrace(PTRACE_SETSIGMASK, in->thread->tid, KERNEL_SIGSET_SIZE,
				 &in->saved_mask) != 0)
		return -errno;
	return remote_regs_set(in->thread->tid, &in->saved);
}
