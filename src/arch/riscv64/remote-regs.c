/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * arch_do_signal_or_restart(), arch/riscv/kernel/signal.c: the kernel rewinds a call that it
 * restarts before the stop, and decides after the stop whether to put restart_syscall(2) in
 * its place, which it does if the program counter is still there.  (Before Linux 6.6 it did
 * it all after the stop; no such kernel has mseal(2).)
 */
#include "arch-regs-riscv64.h"

#include "remote-regs.h"

#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "generic-calls.h"

#define ECALL 0x00000073u

/* Read the word at ADDR; ptrace(2) alone finds words that begin at any address. */
static bool peek(int tid, uint64_t addr, uint64_t *ret)
{
	errno = 0;
	*ret = (uint64_t)ptrace(PTRACE_PEEKTEXT, tid, addr, NULL);
	return errno == 0;
}

/*
 * Where is thread TID, which is at PC, but at no system call stop?  *RET_BEFORE is what is in
 * front of PC.
 */
static enum remote_position find_position(int tid, uint64_t pc, uint32_t *ret_before)
{
	uint64_t code;

	if (peek(tid, pc - REMOTE_INSN_SIZE, &code)) {
		*ret_before = (uint32_t)code;
		if (code >> 32 == ECALL)
			return REMOTE_AT_CALL;
		return (uint32_t)code == ECALL ? REMOTE_BEHIND_CALL : REMOTE_ELSEWHERE;
	}
	/* nothing is mapped before it */
	return peek(tid, pc, &code) && (uint32_t)code == ECALL ? REMOTE_AT_CALL :
								 REMOTE_ELSEWHERE;
}

int remote_regs_get(int tid, remote_regs *regs)
{
	struct iovec iov = { .iov_base = &regs->x, .iov_len = sizeof(regs->x) };
	struct __ptrace_syscall_info info = { .op = PTRACE_SYSCALL_INFO_NONE };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) != 0 ||
	    ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) < 0)
		return -errno;
	/* a 32-bit program */
	if (iov.iov_len != sizeof(regs->x))
		return -ENOTSUP;
	regs->has_argument = info.op == PTRACE_SYSCALL_INFO_ENTRY;
	regs->argument = regs->has_argument ? info.entry.args[0] : 0;
	regs->before = 0;
	regs->position = info.op == PTRACE_SYSCALL_INFO_ENTRY ? REMOTE_AT_ENTRY :
			 info.op == PTRACE_SYSCALL_INFO_EXIT ? REMOTE_AT_EXIT :
			 find_position(tid, regs->x.pc, &regs->before);
	return 0;
}

int remote_regs_set(int tid, const remote_regs *regs)
{
	struct iovec iov = { .iov_base = (void *)&regs->x, .iov_len = sizeof(regs->x) };

	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &iov) == 0 ? 0 : -errno;
}

uint64_t remote_regs_pc(const remote_regs *regs)
{
	return regs->x.pc;
}

void remote_regs_set_pc(remote_regs *regs, uint64_t pc)
{
	regs->x.pc = pc;
}

uint64_t remote_regs_sp(const remote_regs *regs)
{
	return regs->x.sp;
}

void remote_regs_set_sp(remote_regs *regs, uint64_t sp)
{
	regs->x.sp = sp;
}

uint64_t remote_regs_thread_pointer(int tid, const remote_regs *regs, bool is_64)
{
	(void)tid;
	(void)is_64;
	return regs->x.tp;
}

void remote_regs_set_return(remote_regs *regs, uint64_t addr)
{
	regs->x.ra = addr;
}

bool remote_regs_get_return(const remote_regs *regs, uint64_t *ret)
{
	*ret = regs->x.ra;
	return true;
}

void remote_regs_set_mark(remote_regs *regs, uint64_t mark)
{
	struct riscv_regs *x = &regs->x;

	x->s1 = x->s2 = x->s3 = x->s4 = x->s5 = x->s6 = x->s7 = x->s8 = mark;
}

uint64_t remote_regs_mark(const remote_regs *regs)
{
	const struct riscv_regs *x = &regs->x;
	uint64_t mark = x->s1;

	return mark == x->s2 && mark == x->s3 && mark == x->s4 && mark == x->s5 &&
	       mark == x->s6 && mark == x->s7 && mark == x->s8 ? mark : 0;
}

bool remote_regs_in_syscall(const remote_regs *regs)
{
	return regs->position != REMOTE_ELSEWHERE;
}

uint64_t remote_regs_call_insn(const remote_regs *regs)
{
	return regs->position == REMOTE_AT_CALL ? regs->x.pc : regs->x.pc - REMOTE_INSN_SIZE;
}

/* A thread that makes its first call just now does not look different, nor need it. */
bool remote_regs_restarts(const remote_regs *regs)
{
	long result = (long)regs->x.a0;

	return regs->position == REMOTE_AT_CALL ||
	       (regs->position == REMOTE_AT_EXIT && result <= -REMOTE_ERESTARTSYS &&
		result >= -REMOTE_ERESTART_RESTARTBLOCK);
}

bool remote_regs_has_restart_block(const remote_regs *regs)
{
	if (regs->position == REMOTE_AT_EXIT)
		return (long)regs->x.a0 == -REMOTE_ERESTART_RESTARTBLOCK;
	return regs->position == REMOTE_AT_CALL &&
	       generic_call_may_have_restart_block((long)regs->x.a7);
}

bool remote_regs_restarts_late(const remote_regs *regs)
{
	return regs->position == REMOTE_AT_CALL && generic_call_is_timed((long)regs->x.a7);
}

bool remote_regs_restarts_hidden(const remote_regs *regs)
{
	return regs->position == REMOTE_AT_CALL;
}

bool remote_regs_need_argument(const remote_regs *regs, uint64_t *ret)
{
	*ret = regs->argument;
	return regs->position == REMOTE_AT_EXIT && remote_regs_restarts(regs);
}

long remote_regs_syscall(const remote_regs *regs)
{
	return regs->position == REMOTE_ELSEWHERE ? -1 : (long)regs->x.a7;
}

long remote_regs_number(const remote_regs *regs)
{
	return (long)regs->x.a7;
}

void remote_regs_set_number(remote_regs *regs, long number)
{
	regs->x.a7 = (unsigned long)number;
}

long remote_regs_result(const remote_regs *regs)
{
	return (long)regs->x.a0;
}

bool remote_regs_lack_argument(const remote_regs *regs)
{
	return (regs->position == REMOTE_BEHIND_CALL || regs->position == REMOTE_AT_EXIT) &&
	       !regs->has_argument;
}

/* The file takes what it shows from a7 and orig_a0, which nobody has changed yet. */
int remote_regs_show_call(int tid, const remote_regs *regs)
{
	(void)tid;
	(void)regs;
	return 0;
}

void remote_regs_set_argument(remote_regs *regs, uint64_t argument)
{
	regs->argument = argument;
	regs->has_argument = true;
}

void remote_regs_rewind(remote_regs *regs, long number)
{
	regs->x.a7 = (unsigned long)number;
	if (regs->position == REMOTE_AT_CALL)
		return;
	regs->x.pc -= REMOTE_INSN_SIZE;
	if (regs->has_argument)
		regs->x.a0 = regs->argument;
	regs->position = REMOTE_AT_CALL;
}

/* Would INSN, as the next instruction, leave all as it is: addi a7, zero, N? */
static bool changes_nothing(uint32_t insn, const remote_regs *regs)
{
	return (insn & 0x800fffff) == 0x893 && insn >> 20 == regs->x.a7;
}

/*
 * At an exit stop the kernel has not acted on the result yet.  A thread that it has rewound
 * goes back one instruction more, if that does no harm: with another program counter, the
 * kernel does not put restart_syscall(2) in place of its call.
 */
void remote_regs_set_restart(remote_regs *regs, enum remote_restart restart)
{
	if (regs->position == REMOTE_AT_EXIT)
		regs->x.a0 = (unsigned long)-(long)restart;
	else if (regs->position == REMOTE_BEHIND_CALL)
		remote_regs_rewind(regs, (long)regs->x.a7);
	else if (changes_nothing(regs->before, regs))
		regs->x.pc -= sizeof(regs->before);
}

void remote_regs_cancel(remote_regs *regs)
{
	regs->x.a7 = (unsigned long)-1;
}

void remote_regs_set_result(remote_regs *regs, long result)
{
	if (regs->position == REMOTE_AT_CALL)
		regs->x.pc += REMOTE_INSN_SIZE;
	regs->position = REMOTE_ELSEWHERE;
	regs->x.a0 = (unsigned long)result;
}
