/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REMOTE_REGS_H
#define MSEALCTL_REMOTE_REGS_H

/* The registers of a stopped thread, x86-64. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

typedef struct user_regs_struct remote_regs;

/* syscall */
static const unsigned char remote_syscall_insn[] = { 0x0f, 0x05 };

/*
 * What interrupted calls return inside the kernel (include/linux/errno.h).  On
 * x86-64 a tracer sees them, and the kernel acts on them when the thread goes on.
 */
enum remote_restart {
	REMOTE_ERESTARTSYS = 512,
	REMOTE_ERESTARTNOINTR = 513,
	REMOTE_ERESTARTNOHAND = 514,
	REMOTE_ERESTART_RESTARTBLOCK = 516,
};

/* PTRACE_GETREGS, not GETREGSET: user-mode Linux has only the former. */
static inline int remote_regs_get(int tid, remote_regs *regs)
{
	return ptrace(PTRACE_GETREGS, tid, NULL, regs) == 0 ? 0 : -errno;
}

static inline int remote_regs_set(int tid, const remote_regs *regs)
{
	return ptrace(PTRACE_SETREGS, tid, NULL, regs) == 0 ? 0 : -errno;
}

/* Does the thread run 64-bit code?  0x33 is __USER_CS; 32-bit programs have 0x23. */
static inline bool remote_regs_native(const remote_regs *regs)
{
	return regs->cs == 0x33;
}

static inline uint64_t remote_regs_pc(const remote_regs *regs)
{
	return regs->rip;
}

static inline void remote_regs_set_pc(remote_regs *regs, uint64_t pc)
{
	regs->rip = pc;
}

static inline uint64_t remote_regs_sp(const remote_regs *regs)
{
	return regs->rsp;
}

static inline void remote_regs_set_sp(remote_regs *regs, uint64_t sp)
{
	regs->rsp = sp;
}

/* Is the thread inside a system call, as seen at a stop that is none of a system call's own? */
static inline bool remote_regs_in_syscall(const remote_regs *regs)
{
	return (long)regs->orig_rax >= 0;
}

/* Will the kernel itself restart that call when the thread goes on? */
static inline bool remote_regs_restarts(const remote_regs *regs)
{
	long result = (long)regs->rax;

	return remote_regs_in_syscall(regs) && result <= -REMOTE_ERESTARTSYS &&
	       result >= -REMOTE_ERESTART_RESTARTBLOCK;
}

/* Number of the call, at the entry and exit stops of one too. */
static inline long remote_regs_syscall(const remote_regs *regs)
{
	return (long)regs->orig_rax;
}

static inline long remote_regs_result(const remote_regs *regs)
{
	return (long)regs->rax;
}

/*
 * Make REGS those of a thread about to execute the instruction at INSN for call
 * NUMBER.  orig_rax = -1 keeps the kernel from restarting the call that the
 * stop interrupted: arch_do_signal_or_restart(), arch/x86/kernel/signal.c.
 */
static inline void remote_regs_prepare(remote_regs *regs, uint64_t insn, long number,
				       const unsigned long arguments[4])
{
	regs->rip = insn;
	regs->rax = (unsigned long)number;
	regs->orig_rax = (unsigned long)-1;
	regs->rdi = arguments[0];
	regs->rsi = arguments[1];
	regs->rdx = arguments[2];
	regs->r10 = arguments[3];
}

/*
 * Calls that end with EINTR because of our stop alone (signal(7): those are never
 * restarted, as the kernel has nowhere to keep the time that is left).  Each can
 * simply be made again: none has done anything when it returns EINTR.
 */
static inline bool remote_regs_repeatable(long number)
{
	static const short calls[] = {
		__NR_epoll_wait, __NR_epoll_pwait, __NR_epoll_pwait2, __NR_rt_sigtimedwait,
		__NR_semop, __NR_semtimedop, __NR_io_getevents, __NR_io_pgetevents,
		__NR_io_uring_enter,
		/* these only on sockets with SO_RCVTIMEO or SO_SNDTIMEO */
		__NR_read, __NR_readv, __NR_recvfrom, __NR_recvmsg, __NR_recvmmsg,
		__NR_write, __NR_writev, __NR_sendto, __NR_sendmsg, __NR_sendmmsg,
		__NR_accept, __NR_accept4,
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i] == number)
			return true;
	return false;
}

/*
 * Take back the EINTR that our stop alone has caused: ERESTARTNOHAND leaves the
 * decision to the kernel, which gives EINTR if a handler is about to run and
 * makes the call again if not.  Returns whether REGS changed.
 */
static inline bool remote_regs_heal(remote_regs *regs)
{
	if (!remote_regs_in_syscall(regs) || (long)regs->rax != -EINTR ||
	    !remote_regs_repeatable(remote_regs_syscall(regs)))
		return false;
	regs->rax = (unsigned long)-REMOTE_ERESTARTNOHAND;
	return true;
}

#endif
