/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SYSCALL_RESTART_H
#define MSEALCTL_SYSCALL_RESTART_H

#include <sys/types.h>

#include "memory.h"
#include "remote-abi.h"

/*
 * What becomes of a system call that our stop has interrupted.
 */

/*
 * Thread TID of process PID, with REGS, is in a stop of ours that is none of a system
 * call's own: see to it that its call, if it is in one, goes on as if there had been none.  An
 * EINTR is taken back.  Where a seccomp filter would not let the kernel use
 * restart_syscall(2), or may not, the call is made again from its beginning.
 *
 * Done at once when a thread has stopped: from here on it is the same to the
 * program if we die.
 */
void interrupted_heal(pid_t pid, pid_t tid, const remote_regs *regs);

/*
 * Make REGS those with which the thread would make the interrupted call again by
 * itself, without the help that the kernel gives at the end of a stop.  What is
 * left of a timeout is lost.  If the call was interrupted before, only the kernel knows
 * its number, which is then looked for in the code, in memory M.  If it is not there, as
 * with syscall(2), the call returns EINTR.
 */
void interrupted_rewind(remote_regs *regs, const struct remote_abi *abi,
			const struct memory *m);

#endif
