/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_INJECT_H
#define MSEALCTL_INJECT_H

#include <stdint.h>

#include "region.h"
#include "remote-abi.h"
#include "tracee.h"

/* One thread of a stopped process, lent for system calls. */
struct injector {
	struct tracee *tracee;
	struct tracee_thread *thread;
	const struct remote_abi *abi;
	remote_regs saved;
	uint64_t saved_mask;	/* its signal mask */
	uint64_t insn;		/* address of a system call instruction */
	uint64_t stack;		/* stack pointer during the call */
	bool guarded;		/* it heals itself if we are killed, see rescue-frame.h */
	bool masked;
};

/*
 * Choose the thread that minds least and find it a system call instruction.  Its
 * registers are as before; REGIONS are those of the stopped process.
 *
 * Returns 0; -ENOTSUP if no thread runs code that could make the call; -EACCES if
 * every thread has a seccomp filter that cannot be suspended (seccomp.h); -EBUSY if
 * the process is in a frozen cgroup; -ENOEXEC if no instruction was found; or
 * -errno of ptrace(2).
 */
int inject_begin(struct injector *ret, struct tracee *tracee, const struct regions *regions);

/*
 * Make the thread do system call NUMBER.  Returns 0 and the call's result
 * (-errno if it failed) in *RET_RESULT; -ESRCH if the process has died, -EFAULT
 * if the thread could not do it (its registers are in order).
 */
int inject_call(struct injector *injector, long number, const unsigned long arguments[4],
		long *ret_result) __attribute__((warn_unused_result));

/*
 * Give the thread its registers and its signal mask back; it stays stopped.  Must
 * follow a successful inject_begin(), whatever happened between.
 */
int inject_end(struct injector *injector);

#endif
