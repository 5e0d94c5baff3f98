/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REMOTE_REGS_H
#define MSEALCTL_REMOTE_REGS_H

#include <stdbool.h>
#include <stdint.h>

#include "arch-regs.h"

/*
 * The registers of a stopped thread.  An architecture whose kernel hides something of a
 * system call has more in its remote_regs than registers; see arch.h.
 */

/*
 * Results of interrupted calls, internal to the kernel (include/linux/errno.h), which it
 * acts on when the thread is resumed.
 */
enum remote_restart {
	REMOTE_ERESTARTSYS = 512,
	REMOTE_ERESTARTNOINTR = 513,
	REMOTE_ERESTARTNOHAND = 514,
	REMOTE_ERESTART_RESTARTBLOCK = 516,
};

/* Read the registers of thread TID, which is stopped.  Returns 0 or -errno. */
int remote_regs_get(int tid, remote_regs *regs);

/*
 * Set them.  The kernel restarts no call afterwards, unless REGS are those of a thread whose
 * call it restarts (remote_regs_restarts()), as they were read or with another restart.
 */
int remote_regs_set(int tid, const remote_regs *regs);

uint64_t remote_regs_pc(const remote_regs *regs);
void remote_regs_set_pc(remote_regs *regs, uint64_t pc);
uint64_t remote_regs_sp(const remote_regs *regs);
void remote_regs_set_sp(remote_regs *regs, uint64_t sp);

/* The address of the thread's descriptor, which libc keeps in a register; 0 if unknown. */
uint64_t remote_regs_thread_pointer(int tid, const remote_regs *regs, bool is_64);

/* Where the code that is about to run returns to, if a register says so, and no stack. */
void remote_regs_set_return(remote_regs *regs, uint64_t addr);

/* That address in *RET; returns false if it is on the stack. */
bool remote_regs_get_return(const remote_regs *regs, uint64_t *ret);

/*
 * Set registers to MARK, by which a thread that makes our calls is known: some that no call
 * of up to four arguments uses, and that neither a call nor the code behind it changes, but
 * by pops.
 */
void remote_regs_set_mark(remote_regs *regs, uint64_t mark);

/* The mark that was set; 0 if there is none. */
uint64_t remote_regs_mark(const remote_regs *regs);

/* Is the thread in a system call, at any stop other than syscall-entry and syscall-exit? */
bool remote_regs_in_syscall(const remote_regs *regs);

/* Where the instruction is that has made that call, or is about to. */
uint64_t remote_regs_call_insn(const remote_regs *regs);

/* Will that call be made again when the thread is resumed? */
bool remote_regs_restarts(const remote_regs *regs);

/*
 * Will it be made by restart_syscall(2), because only the kernel knows the remaining time?
 * Where that cannot be seen, it may be.
 */
bool remote_regs_has_restart_block(const remote_regs *regs);

/*
 * Does the kernel put restart_syscall(2) in place of such a call only when it resumes the
 * thread, and not at all if its program counter was changed?
 */
bool remote_regs_restarts_late(const remote_regs *regs);

/*
 * Is the result by which the kernel restarts such a call shown at its syscall-exit stop alone,
 * and does it decide by that what a signal handler does to the call?  See reenter.h.
 */
bool remote_regs_restarts_hidden(const remote_regs *regs);

/*
 * REGS are those of a syscall-exit stop.  Does the kernel restart the call with the first
 * argument of whichever call was made last?  *RET is what it has to be.
 */
bool remote_regs_need_argument(const remote_regs *regs, uint64_t *ret);

/* The number of the call, -1 for none; also at syscall-entry and syscall-exit stops. */
long remote_regs_syscall(const remote_regs *regs);

/* What the register holds from which a system call instruction takes the number. */
long remote_regs_number(const remote_regs *regs);

/* In place of that, at a stop before the instruction. */
void remote_regs_set_number(remote_regs *regs, long number);

/* What the ended call has returned; -errno if it failed. */
long remote_regs_result(const remote_regs *regs);

/*
 * Does the result of the ended call have the place of its first argument, so that the call
 * could not be made again?  Never, unless REMOTE_HIDES_ARGUMENT is 1.  Then
 * remote_regs_show_call() lets /proc/TID/syscall show all arguments until remote_regs_set(),
 * if the kernel has kept the first, which remote_regs_set_argument() puts in.  It returns 0
 * or -errno.
 */
bool remote_regs_lack_argument(const remote_regs *regs);
int remote_regs_show_call(int tid, const remote_regs *regs);
void remote_regs_set_argument(remote_regs *regs, uint64_t argument);

/*
 * Make the kernel act on the interrupted call as if RESTART were its result.  With
 * ERESTARTNOHAND it returns EINTR if a signal handler is about to run, and otherwise makes
 * the call again from its beginning.  (Where the kernel decides before the stop, a handler
 * runs first and the call is made again in any case.)
 */
void remote_regs_set_restart(remote_regs *regs, enum remote_restart restart);

/* Go back to the instruction that makes call NUMBER, as the kernel does to restart it. */
void remote_regs_rewind(remote_regs *regs, long number);

/* At a syscall-entry stop: make the kernel skip the call. */
void remote_regs_cancel(remote_regs *regs);

/* End the call, which is not made again, with RESULT. */
void remote_regs_set_result(remote_regs *regs, long result);

#endif
