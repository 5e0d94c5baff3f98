/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_INJECT_H
#define MSEALCTL_INJECT_H

#include <stdint.h>

#include "region.h"
#include "remote-abi.h"
#include "rescue-frame.h"
#include "signal-frame.h"
#include "tracee.h"

/* The calls that are to be made in chains (chain.h). */
struct chain_wish {
	size_t calls;		/* 0 for none */
	bool third;		/* their third argument is not 0 */
};

#define NO_CHAIN ((struct chain_wish){ .calls = 0 })

/* One thread of a stopped process, borrowed for system calls. */
struct injector {
	struct tracee *tracee;
	struct tracee_thread *thread;
	const struct remote_abi *abi;
	bool unfiltered;	/* it has no seccomp filter at all */
	bool must_suspend;	/* it has one that is in the way of its calls */
	int processor;		/* as in struct process */
	pid_t inner_tid;	/* as well */
	uint64_t caught;	/* as well */
	struct gadgets gadgets;
	struct chain_wish wish;
	remote_regs saved;
	long number;		/* of the call that it was interrupted in, or -1 */
	uint64_t saved_mask;	/* its signal mask */
	uint64_t insn;		/* address of a system call instruction */
	uint64_t stack;		/* stack pointer during the call */
	struct fpu_state vectors;	/* what calls destroy */
	bool settled;		/* see remote_regs_restarts_late(): the kernel has decided */
	int pending;		/* a signal that is to be delivered later, or 0 */
	bool has_frame;		/* there is a rescue frame in case we are killed: */
	struct rescue_frame frame;
	bool masked;		/* all signals are blocked, */
	int end_signal;		/* but this one, which ends a chain; 0 for none */
	bool suspended;		/* its seccomp filters are */
	bool escaped;		/* it is back where it was, and runs its own code */
};

/* The bit of SIG in a signal mask. */
#define INJECT_SIGNAL_BIT(sig) (1ull << ((sig) - 1))

/*
 * Choose the thread that is disturbed least, and a system call instruction for it.  Its
 * registers are not changed yet.  REGIONS are those of the stopped process.  KNOWN is where
 * the instructions were before it was stopped, or NULL.
 *
 * Returns 0; -ENOTSUP or -ENOSYS if no thread could make the call (choose-thread.h); -EACCES if
 * every thread has a seccomp filter that cannot be suspended (seccomp.h); -EBUSY if
 * the process is in a frozen cgroup; -ENOEXEC if no instruction was found; or
 * -errno of ptrace(2).
 */
int inject_begin(struct injector *ret, struct tracee *tracee, const struct regions *regions,
		 struct chain_wish wish, const struct gadgets *known);

/*
 * Make the thread do system call NUMBER.  Returns 0 and the call's result (-errno if it
 * failed) in *RET_RESULT; -ESRCH if the process has died; -ETIMEDOUT if the thread did
 * not run the call until the tracee's deadline; -EFAULT if it could not run the call;
 * -EPROTO if it was about to make another call, which was not done; or -errno of
 * ptrace(2).  inject_end() must follow in any case.
 */
int inject_call(struct injector *injector, long number, const unsigned long arguments[4],
		long *ret_result) __attribute__((warn_unused_result));

/* The signal mask of the thread while it makes calls. */
uint64_t inject_mask(const struct injector *injector);

/* Of all signals, leave SIG unblocked during the following calls.  Returns 0 or -errno. */
int inject_open_signal(struct injector *injector, int sig) __attribute__((warn_unused_result));

/*
 * Set REGS, which begin a chain of calls, and let the thread run to its end.  Returns as
 * inject_call().
 */
int inject_run_chain(struct injector *injector, const remote_regs *regs)
	__attribute__((warn_unused_result));

/*
 * Restore the thread's registers, signal mask and seccomp filters, and what the rescue
 * frame has overwritten; it stays stopped.  Must follow a successful inject_begin(),
 * whatever happened in between.  Returns 0, -ESRCH if the thread has died, or -errno of
 * ptrace(2).
 */
int inject_end(struct injector *injector);

/* Why one of the above failed with ERROR, a -errno: "it ...", or what strerror(3) says. */
const char *inject_reason(int error);

#endif
