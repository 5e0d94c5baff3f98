/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * A tracer sees orig_rax, the number of the call that a thread is in, and the results that
 * ask for a restart, on which the kernel acts when the thread is resumed.
 */
#include "arch-regs-x86_64.h"

#include "remote-regs.h"

#include <asm/ldt.h>
#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>

/* PTRACE_GETREGS, not GETREGSET: user-mode Linux has only the former. */
int remote_regs_get(int tid, remote_regs *regs)
{
	return ptrace(PTRACE_GETREGS, tid, NULL, regs) == 0 ? 0 : -errno;
}

int remote_regs_set(int tid, const remote_regs *regs)
{
	return ptrace(PTRACE_SETREGS, tid, NULL, regs) == 0 ? 0 : -errno;
}

uint64_t remote_regs_pc(const remote_regs *regs)
{
	return regs->rip;
}

void remote_regs_set_pc(remote_regs *regs, uint64_t pc)
{
	regs->rip = pc;
}

uint64_t remote_regs_sp(const remote_regs *regs)
{
	return regs->rsp;
}

void remote_regs_set_sp(remote_regs *regs, uint64_t sp)
{
	regs->rsp = sp;
}

/* PTRACE_GETREGS has the base of fs; that of gs, for 32-bit programs, is in a descriptor. */
uint64_t remote_regs_thread_pointer(int tid, const remote_regs *regs, bool is_64)
{
	struct user_desc gs = { .base_addr = 0 };

	if (is_64)
		return regs->fs_base;
	return ptrace(PT_GET_THREAD_AREA, tid, (void *)(regs->gs >> 3), &gs) == 0 ?
	       gs.base_addr : 0;
}

/* A return takes its address from the stack. */
void remote_regs_set_return(remote_regs *regs, uint64_t addr)
{
	(void)regs;
	(void)addr;
}

bool remote_regs_get_return(const remote_regs *regs, uint64_t *ret)
{
	(void)regs;
	(void)ret;
	return false;
}

/* A 32-bit program has no more: its calls take arguments from ebx, ecx, edx and esi. */
void remote_regs_set_mark(remote_regs *regs, uint64_t mark)
{
	if (regs->cs == REMOTE_CS_32)
		regs->rdi = regs->rbp = (uint32_t)mark;
	else
		regs->rbx = regs->rbp = regs->r12 = regs->r13 = regs->r14 = regs->r15 = mark;
}

uint64_t remote_regs_mark(const remote_regs *regs)
{
	uint64_t mark = regs->rbp;

	if (regs->cs == REMOTE_CS_32)
		return (uint32_t)mark == (uint32_t)regs->rdi ? (uint32_t)mark : 0;
	return mark == regs->rbx && mark == regs->r12 && mark == regs->r13 &&
	       mark == regs->r14 && mark == regs->r15 ? mark : 0;
}

bool remote_regs_in_syscall(const remote_regs *regs)
{
	return (long)regs->orig_rax >= 0;
}

uint64_t remote_regs_call_insn(const remote_regs *regs)
{
	return regs->rip - REMOTE_INSN_SIZE;
}

bool remote_regs_restarts(const remote_regs *regs)
{
	long result = (long)regs->rax;

	return remote_regs_in_syscall(regs) && result <= -REMOTE_ERESTARTSYS &&
	       result >= -REMOTE_ERESTART_RESTARTBLOCK;
}

bool remote_regs_has_restart_block(const remote_regs *regs)
{
	return remote_regs_in_syscall(regs) &&
	       (long)regs->rax == -REMOTE_ERESTART_RESTARTBLOCK;
}

bool remote_regs_restarts_late(const remote_regs *regs)
{
	(void)regs;
	return false;
}

bool remote_regs_restarts_hidden(const remote_regs *regs)
{
	(void)regs;
	return false;
}

bool remote_regs_need_argument(const remote_regs *regs, uint64_t *ret)
{
	(void)regs;
	*ret = 0;
	return false;
}

long remote_regs_syscall(const remote_regs *regs)
{
	return (long)regs->orig_rax;
}

long remote_regs_number(const remote_regs *regs)
{
	return (long)regs->rax;
}

void remote_regs_set_number(remote_regs *regs, long number)
{
	regs->rax = (unsigned long)number;
}

long remote_regs_result(const remote_regs *regs)
{
	return (long)regs->rax;
}

/* Result and arguments have registers of their own. */
bool remote_regs_lack_argument(const remote_regs *regs)
{
	(void)regs;
	return false;
}

int remote_regs_show_call(int tid, const remote_regs *regs)
{
	(void)tid;
	(void)regs;
	return 0;
}

void remote_regs_set_argument(remote_regs *regs, uint64_t argument)
{
	(void)regs;
	(void)argument;
}

void remote_regs_set_restart(remote_regs *regs, enum remote_restart restart)
{
	regs->rax = (unsigned long)-(long)restart;
}

void remote_regs_rewind(remote_regs *regs, long number)
{
	regs->rax = (unsigned long)number;
	regs->rip -= REMOTE_INSN_SIZE;
}

void remote_regs_cancel(remote_regs *regs)
{
	regs->orig_rax = (unsigned long)-1;
}

void remote_regs_set_result(remote_regs *regs, long result)
{
	regs->rax = (unsigned long)result;
}
