/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Make a stopped thread do a system call with nothing but its registers changed; see
 * README.  If we are killed, the thread runs on with our registers, so the order matters:
 * at the start the rescue frame, then the registers, then the mask; at the end the mask
 * before the registers.
 */
#include "inject.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "chain.h"
#include "choose-thread.h"
#include "clock.h"
#include "frozen.h"
#include "gadgets-remote.h"
#include "mseal.h"
#include "reenter.h"
#include "remote-memory.h"
#include "seccomp.h"
#include "syscall-restart.h"
#include "worker.h"

/* the size of the kernel's sigset_t, for PTRACE_GETSIGMASK */
#define KERNEL_SIGSET_SIZE sizeof(uint64_t)

/* How long it may take to put back what was on the stack. */
#define PUT_BACK_TIME NS_PER_S

static uint64_t own_insn(const struct injector *in, const struct memory *m)
{
	uint64_t addr = remote_regs_call_insn(&in->saved);
	unsigned char bytes[REMOTE_INSN_SIZE];

	return m->read(m, addr, bytes, sizeof(bytes)) == 0 &&
	       memcmp(bytes, in->abi->insn, sizeof(bytes)) == 0 ? addr : 0;
}

/* Choose where to make the call and on which stack; with a rescue frame, if possible. */
static int choose_insn(struct injector *in, const struct regions *regions)
{
	struct place place = {
		.tracee = in->tracee, .thread = in->thread,
		.memory = remote_memory(in->thread->tid), .abi = in->abi, .regs = &in->saved,
		.number = in->number, .regions = regions,
	};

	/* the instructions behind a call may change the third argument, but to 0 */
	gadgets_find_remote(&in->gadgets, in->thread->tid, regions, in->abi,
			    in->wish.calls > 0 && !in->wish.third);
	place.below = chain_bytes(in);
	in->insn = in->gadgets.syscall;
	in->stack = remote_regs_sp(&in->saved);
	/* with PTRACE_O_EXITKILL the thread dies with us and needs no rescue frame */
	in->has_frame = !(in->tracee->options & PTRACE_O_EXITKILL) &&
			rescue_frame_place(&in->frame, &place, in->saved_mask,
					   &in->gadgets) == 0;
	if (in->has_frame) {
		in->insn = in->frame.insn;
		in->stack = in->frame.stack;
	}
	/* otherwise the instruction of the call that the thread waits in */
	if (!in->insn && remote_regs_in_syscall(&in->saved))
		in->insn = own_insn(in, &place.memory);
	return in->insn ? 0 : -ENOEXEC;
}

/* Put the seccomp filters back in force, at once and not only when the thread is released. */
static int resume_seccomp(const struct injector *in)
{
	if (in->suspended && ptrace(PTRACE_SETOPTIONS, in->thread->tid, NULL,
				    (long)in->tracee->options) != 0)
		return -errno;
	return 0;
}

int inject_begin(struct injector *ret, struct tracee *tracee, const struct regions *regions,
		 struct chain_wish wish, const struct gadgets *known)
{
	struct injector in = { .tracee = tracee, .wish = wish };
	int r;

	if (known)
		in.gadgets = *known;
	r = choose_thread(&in, regions);
	if (r < 0)
		return r;
	/* its threads are stopped, but none would run the call */
	if (process_frozen(in.thread->pid))
		return -EBUSY;
	r = remote_regs_get(in.thread->tid, &in.saved);
	if (r < 0)
		return r;
	in.abi = remote_abi_of(&in.saved);
	syscall_restart_complete(&in.thread->transfer, in.thread->pid, in.thread->tid, &in.saved);
	if (ptrace(PTRACE_GETSIGMASK, in.thread->tid, KERNEL_SIGSET_SIZE, &in.saved_mask) != 0)
		return -errno;
	in.number = remote_regs_syscall(&in.saved);
	r = reenter_call(tracee, in.thread, &in.saved);
	if (r < 0)
		return r;
	if (in.must_suspend) {
		r = seccomp_suspend(in.thread->tid, tracee->options);
		if (r < 0)
			return r;
		in.suspended = true;
	}
	abort_critical_section(in.thread->tid, &in.saved);
	r = vector_state_read(in.thread->tid, &in.saved, &in.vectors);
	if (r == 0)
		r = choose_insn(&in, regions);
	if (r < 0) {
		resume_seccomp(&in);
		return r;
	}
	*ret = in;
	return 0;
}

/* Is the thread, stopped by the signal that ends a chain, at the end of the chain? */
static bool is_at_end(const struct injector *in)
{
	remote_regs regs;

	return remote_regs_get(in->thread->tid, &regs) == 0 &&
	       remote_regs_syscall(&regs) == __NR_tkill &&
	       remote_regs_pc(&regs) == in->insn + REMOTE_INSN_SIZE &&
	       remote_regs_sp(&regs) == in->stack;
}

/* Is the stop with STATUS what REQUEST was made for? */
static bool is_wanted(const struct injector *in, int request, int status)
{
	if (request == PTRACE_SYSCALL)
		return WSTOPSIG(status) == TRACEE_SYSCALL_STOP;
	return status >> 16 == 0 && WSTOPSIG(status) == in->end_signal && is_at_end(in);
}

/* Run the thread to its next system call stop (PTRACE_SYSCALL), or the end of a chain. */
static int run_to_stop(struct injector *in, int request)
{
	int sig = in->pending;

	in->pending = 0;
	for (;;) {
		int status = 0, r = tracee_resume(in->tracee, in->thread, request, sig, &status);

		/* without a status it has not run at all */
		if (r < 0 && (in->thread->state != THREAD_STOPPED || status == 0)) {
			in->pending = sig;
			return r;
		}
		sig = 0;
		if (is_wanted(in, request, status))
			return 0;
		/* stops could follow each other without end: another process can send SIGSTOP */
		if (r < 0 || clock_now() >= in->tracee->deadline) {
			if (status >> 16 == 0 && WSTOPSIG(status) == SIGSTOP)
				in->pending = SIGSTOP;
			return -ETIMEDOUT;
		}
		/* a stopped or stopping process reports this stop first */
		if (status >> 16 == PTRACE_EVENT_STOP)
			continue;
		/* what is not blocked is passed on */
		if (WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != in->end_signal)
			return -EFAULT;
		sig = WSTOPSIG(status);
	}
}

/*
 * The thread is at a syscall-entry stop.  Is the call the one that the registers SET were
 * to make, by the same instruction?  The target's file, or another process, may have
 * changed the code; what runs then must not run without its filter.
 */
static bool is_our_call(const struct injector *in, const remote_regs *set)
{
	struct __ptrace_syscall_info info = { .op = PTRACE_SYSCALL_INFO_ENTRY };
	__u64 wanted[6], made[6];
	remote_regs regs;

	/* user-mode Linux has no such request, and no second ABI */
	info.arch = in->abi->audit_arch;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, in->thread->tid, sizeof(info), &info) < 0 &&
	    errno != EIO)
		return false;
	if (remote_regs_get(in->thread->tid, &regs) < 0)
		return false;
	remote_abi_arguments(in->abi, set, wanted);
	remote_abi_arguments(in->abi, &regs, made);
	return info.op == PTRACE_SYSCALL_INFO_ENTRY && info.arch == in->abi->audit_arch &&
	       remote_regs_syscall(&regs) == remote_regs_number(set) &&
	       remote_regs_pc(&regs) == in->insn + REMOTE_INSN_SIZE &&
	       remote_regs_sp(&regs) == in->stack && memcmp(made, wanted, sizeof(made)) == 0;
}

/* From the entry stop of a call to its exit stop, without the call. */
static int cancel_call(struct injector *in)
{
	remote_regs regs;
	int r = remote_regs_get(in->thread->tid, &regs);

	if (r < 0)
		return r;
	remote_regs_cancel(&regs);
	r = remote_regs_set(in->thread->tid, &regs);
	return r < 0 ? r : run_to_stop(in, PTRACE_SYSCALL);
}

/*
 * All signals but the one that ends a chain, and SIGSYS if it has a handler: the kernel may
 * answer our call with it (dispatches_calls() of choose-thread.c, before Linux 6.4), and if it
 * is blocked, resets its handler first.
 */
uint64_t inject_mask(const struct injector *in)
{
	uint64_t open = INJECT_SIGNAL_BIT(SIGSYS) & in->caught & ~in->saved_mask;

	if (in->end_signal)
		open |= INJECT_SIGNAL_BIT(in->end_signal);
	return ~open;
}

/* Leave only what inject_mask() does not block. */
static int block_signals(struct injector *in)
{
	uint64_t mask = inject_mask(in);

	if (!in->masked && ptrace(PTRACE_SETSIGMASK, in->thread->tid, KERNEL_SIGSET_SIZE, &mask))
		return -errno;
	in->masked = true;
	return 0;
}

/*
 * Let the thread with REGS use our stack, and return to the rescue frame if we are killed.  By
 * the marks a later msealctl knows it, wherever it was stopped.
 */
static void set_way_back(const struct injector *in, remote_regs *regs)
{
	remote_regs_set_sp(regs, in->stack);
	if (!in->has_frame)
		return;
	remote_regs_set_return(regs, in->frame.restorer);
	remote_regs_set_mark(regs, in->frame.address);
}

/*
 * The thread is at the entry stop of the call that it was interrupted in, and REGS are those
 * of that stop.  Let it not make the call now, but when it is released: by restart_syscall(2),
 * if the kernel has chosen that.
 */
static int leave_own_call(struct injector *in, remote_regs *regs)
{
	int r;

	if (in->unfiltered)
		remote_regs_set_number(&in->saved, remote_regs_syscall(regs));
	remote_regs_set_pc(regs, in->insn + REMOTE_INSN_SIZE);
	set_way_back(in, regs);
	r = remote_regs_set(in->thread->tid, regs);
	if (r == 0)
		r = block_signals(in);
	return r < 0 ? r : cancel_call(in);
}

/*
 * Once, before the registers are changed: where the kernel has still to decide how the call
 * goes on that the thread waits in, let it do so.  A thread that another signal comes to
 * makes the call from its beginning.
 */
static int settle_restart(struct injector *in)
{
	int status = 0, r;
	remote_regs regs;

	if (in->settled || !remote_regs_restarts_late(&in->saved))
		return 0;
	in->settled = true;
	do {
		r = tracee_resume(in->tracee, in->thread, PTRACE_SYSCALL, 0, &status);
	} while (r == 0 && status >> 16 == PTRACE_EVENT_STOP &&
		 clock_now() < in->tracee->deadline);
	if (r < 0 || status >> 16 == PTRACE_EVENT_STOP)
		return r < 0 ? r : -ETIMEDOUT;
	if (WSTOPSIG(status) != TRACEE_SYSCALL_STOP) {
		/* it is queued again if it is blocked by then: ptrace_signal(), kernel/signal.c */
		in->pending = WSTOPSIG(status);
		return 0;
	}
	r = remote_regs_get(in->thread->tid, &regs);
	return r < 0 ? r : leave_own_call(in, &regs);
}

int inject_call(struct injector *in, long number, const unsigned long arguments[4],
		long *ret_result)
{
	remote_regs regs;
	int r = settle_restart(in);

	if (r < 0)
		return r;
	regs = in->saved;
	in->abi->prepare(&regs, in->insn, number, arguments);
	set_way_back(in, &regs);
	r = remote_regs_set(in->thread->tid, &regs);
	if (r == 0)
		r = block_signals(in);
	if (r == 0)
		r = run_to_stop(in, PTRACE_SYSCALL);
	if (r < 0)
		return r;
	if (!is_our_call(in, &regs)) {
		r = cancel_call(in);
		return r < 0 ? r : -EPROTO;
	}
	r = run_to_stop(in, PTRACE_SYSCALL);
	if (r == 0)
		r = remote_regs_get(in->thread->tid, &regs);
	if (r == 0)
		*ret_result = remote_regs_result(&regs);
	return r;
}

int inject_open_signal(struct injector *in, int sig)
{
	bool masked = in->masked;

	in->end_signal = sig;
	in->masked = false;
	/* otherwise with the registers of the first call, see above */
	return masked ? block_signals(in) : 0;
}

int inject_run_chain(struct injector *in, const remote_regs *regs)
{
	uint64_t mark = remote_regs_mark(regs);
	remote_regs now;
	int r = remote_regs_set(in->thread->tid, regs);

	if (r == 0)
		r = run_to_stop(in, PTRACE_CONT);
	/* if its signal did not come, the frame has restored it, and its registers are its own */
	if (r < 0 && in->thread->state == THREAD_STOPPED &&
	    remote_regs_get(in->thread->tid, &now) == 0 && remote_regs_mark(&now) != mark)
		in->escaped = true;
	return r;
}

const char *inject_reason(int error)
{
	static const struct { int error; const char *reason; } reasons[] = {
		{ -ENOTSUP, "no thread of it runs code that could make the call" },
		{ -ENOSYS, "it has its system calls sent to a handler of SIGSYS (prctl(2))" },
		{ -EACCES, "it has a seccomp filter, which could kill it for the call" },
		{ -EBUSY, "its cgroup is frozen" },
		{ -ENOEXEC, "it has no system call instruction mapped" },
		{ -ETIMEDOUT, "it did not run the call in time" },
		{ -EFAULT, "it could not run the call" },
		{ -EPROTO, "its code was changed meanwhile, and would have made another call" },
		{ -ESRCH, "it was killed" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return reasons[i].reason;
	return strerror(-error);
}

/*
 * Where the kernel restarts the thread's own call with the first argument of the last one
 * made (riscv64), make an mseal(2) of length 0 with that argument last.
 */
static void restore_argument(struct injector *in)
{
	uint64_t argument;
	long result;

	if (!in->masked || in->thread->state != THREAD_STOPPED ||
	    !remote_regs_need_argument(&in->saved, &argument))
		return;
	/* without it, the call is made again in any case, and from its beginning */
	if (inject_call(in, __NR_mseal, (const unsigned long[4]){ argument }, &result) < 0)
		remote_regs_rewind(&in->saved, in->number);
}

int inject_end(struct injector *in)
{
	int results[5] = { 0 };

	if (in->escaped) {
		free(in->frame.saved);
		in->thread->signal = in->pending;
		return resume_seccomp(in);
	}
	restore_argument(in);
	if (in->thread->state != THREAD_STOPPED) {
		/* if it cannot be stopped, the frame will restore it */
		free(in->frame.saved);
		return in->thread->state == THREAD_GONE ? -ESRCH : -ETIMEDOUT;
	}
	in->thread->signal = in->pending;
	/* the mask first: with the registers back, a signal must find its handler */
	if (in->masked && ptrace(PTRACE_SETSIGMASK, in->thread->tid, KERNEL_SIGSET_SIZE,
				 &in->saved_mask) != 0)
		results[0] = -errno;
	/* before the registers: with these back, no frame would restore them */
	results[1] = vector_state_write(in->thread->tid, &in->vectors);
	results[2] = remote_regs_set(in->thread->tid, &in->saved);
	/* even if the deadline has passed: its stack must be as it was */
	worker_set_deadline(clock_now() + PUT_BACK_TIME);
	if (in->has_frame)
		results[3] = rescue_frame_remove(&in->frame, in->thread->tid);
	results[4] = resume_seccomp(in);
	for (size_t i = 0; i < 5; i++)
		if (results[i] < 0)
			return results[i];
	return 0;
}
