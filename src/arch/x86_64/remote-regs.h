/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REMOTE_REGS_H
#define MSEALCTL_REMOTE_REGS_H

/* The registers of a stopped thread, x86-64, and of a 32-bit program on it. */
#include <asm/ldt.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/user.h>

/* A 32-bit program's registers are in it under their 64-bit names, eax as rax. */
typedef struct user_regs_struct remote_regs;

/*
 * Results of interrupted calls, internal to the kernel (include/linux/errno.h).  On
 * x86-64 a tracer sees them; the kernel acts on them when the thread is resumed.
 */
enum remote_restart {
	REMOTE_ERESTARTSYS = 512,
	REMOTE_ERESTARTNOINTR = 513,
	REMOTE_ERESTARTNOHAND = 514,
	REMOTE_ERESTART_RESTARTBLOCK = 516,
};

/* The length of both system call instructions, syscall and int $0x80. */
#define REMOTE_INSN_SIZE 2

/* PTRACE_GETREGS, not GETREGSET: user-mode Linux has only the former. */
static inline int remote_regs_get(int tid, remote_regs *regs)
{
	return ptrace(PTRACE_GETREGS, tid, NULL, regs) == 0 ? 0 : -errno;
}

static inline int remote_regs_set(int tid, const remote_regs *regs)
{
	return ptrace(PTRACE_SETREGS, tid, NULL, regs) == 0 ? 0 : -errno;
}

static inline uint64_t remote_regs_pc(const remote_regs *regs)
{
	return regs->rip;
}

static inline void remote_regs_set_pc(remote_regs *regs, uint64_t pc)
{
	regs->rip = pc;
}

/* PTRACE_GETREGS has the base of fs; that of gs, for 32-bit programs, is in a descriptor. */
static inline uint64_t remote_regs_thread_pointer(int tid, const remote_regs *regs, bool is_64)
{
	struct user_desc gs = { .base_addr = 0 };

	if (is_64)
		return regs->fs_base;
	return ptrace(PT_GET_THREAD_AREA, tid, (void *)(regs->gs >> 3), &gs) == 0 ?
	       gs.base_addr : 0;
}

/* Set the registers that functions preserve, as pops do with that word on the stack, to MARK. */
static inline void remote_regs_set_mark(remote_regs *regs, uint64_t mark)
{
	regs->rbx = regs->rbp = regs->r12 = regs->r13 = regs->r14 = regs->r15 = mark;
}

/* The mark that was set; 0 if there is none. */
static inline uint64_t remote_regs_mark(const remote_regs *regs)
{
	uint64_t mark = regs->rbx;

	return mark == regs->rbp && mark == regs->r12 && mark == regs->r13 &&
	       mark == regs->r14 && mark == regs->r15 ? mark : 0;
}

static inline uint64_t remote_regs_sp(const remote_regs *regs)
{
	return regs->rsp;
}

static inline void remote_regs_set_sp(remote_regs *regs, uint64_t sp)
{
	regs->rsp = sp;
}

/* Is the thread in a system call, at any stop other than syscall-entry and syscall-exit? */
static inline bool remote_regs_in_syscall(const remote_regs *regs)
{
	return (long)regs->orig_rax >= 0;
}

/* Will the kernel restart that call when the thread is resumed? */
static inline bool remote_regs_restarts(const remote_regs *regs)
{
	long result = (long)regs->rax;

	return remote_regs_in_syscall(regs) && result <= -REMOTE_ERESTARTSYS &&
	       result >= -REMOTE_ERESTART_RESTARTBLOCK;
}

/* Will it do so by restart_syscall(2), because only the kernel knows the remaining time? */
static inline bool remote_regs_has_restart_block(const remote_regs *regs)
{
	return remote_regs_in_syscall(regs) &&
	       (long)regs->rax == -REMOTE_ERESTART_RESTARTBLOCK;
}

/* The number of the call; also at syscall-entry and syscall-exit stops. */
static inline long remote_regs_syscall(const remote_regs *regs)
{
	return (long)regs->orig_rax;
}

static inline long remote_regs_result(const remote_regs *regs)
{
	return (long)regs->rax;
}

/*
 * Set the result of the interrupted call to RESTART.  With ERESTARTNOHAND the kernel
 * returns EINTR if a signal handler is about to run, and otherwise makes the call again
 * from its beginning.
 */
static inline void remote_regs_set_restart(remote_regs *regs, enum remote_restart restart)
{
	regs->rax = (unsigned long)-(long)restart;
}

/* Go back to the instruction that makes call NUMBER, as the kernel does to restart it. */
static inline void remote_regs_rewind(remote_regs *regs, long number)
{
	regs->rax = (unsigned long)number;
	regs->rip -= REMOTE_INSN_SIZE;
}

/* At a syscall-entry stop: make the kernel skip the call. */
static inline void remote_regs_cancel(remote_regs *regs)
{
	regs->orig_rax = (unsigned long)-1;
}

/* End the call with RESULT. */
static inline void remote_regs_set_result(remote_regs *regs, long result)
{
	regs->rax = (unsigned long)result;
}

#endif
