/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SYSCALL_RESTART_H
#define MSEALCTL_SYSCALL_RESTART_H

#include <stdbool.h>
#include <sys/types.h>

#include "memory.h"
#include "remote-abi.h"
#include "transfer.h"

/* What happens to a system call that our stop has interrupted; see README. */

/*
 * Where the result of a call takes the place of its first argument: if the call of thread TID
 * has ended because it was stopped, put that argument into REGS, if it can be found out.  SEEN
 * is what was seen of the thread before the stop.
 */
void syscall_restart_complete(const struct transfer *seen, pid_t pid, pid_t tid,
			      remote_regs *regs);

/*
 * Thread TID of process PID, with REGS, is at any stop other than syscall-entry and
 * syscall-exit.  If it is in a call, make the call go on as if there had been no stop:
 * EINTR is replaced by a restart, and where a seccomp filter might not let the kernel
 * use restart_syscall(2), the call is made again from its beginning.
 *
 * This is done as soon as the thread has stopped, so that the program sees no
 * difference if we die later.  Returns whether there was something to repair.
 */
bool syscall_restart_repair(pid_t pid, pid_t tid, const remote_regs *regs);

/*
 * If that has not repaired a call: will it end with EINTR, though the handler of no signal is to
 * run?  It could not be made again, then, or its first argument is not known.
 */
bool syscall_restart_leaves_eintr(pid_t pid, pid_t tid, const remote_regs *regs);

/*
 * Thread TID, whose EINTR was replaced, is about to be released.  If the handler of a signal
 * is to run first, EINTR is what the program has to see after all.  Where the kernel decides
 * that only now, it does it by itself.
 */
void syscall_restart_end_if_handled(pid_t pid, pid_t tid);

/* May TID, with REGS, make the call restart_syscall(2), as the kernel would let it after a stop? */
bool syscall_may_restart(pid_t pid, pid_t tid, const struct remote_abi *abi,
			 const remote_regs *regs);

/*
 * Change REGS so that the thread makes the interrupted call NUMBER again without the kernel's
 * help.  The remaining part of a timeout is lost.  If the call was interrupted before,
 * only the kernel knows its number, which is then looked for in the code, in memory M.
 * If it is not there, as with syscall(2), the call returns EINTR.
 */
void syscall_restart_rewind(remote_regs *regs, const struct remote_abi *abi,
			    const struct memory *m, long number);

#endif
