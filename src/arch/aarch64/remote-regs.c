/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The kernel rewinds a thread whose call is made again before a tracer sees it: do_signal()
 * in arch/arm64/kernel/signal.c.  Such a thread looks like one that is about to make the call,
 * and NT_ARM_SYSTEM_CALL is -1 for both.  One whose call has ended has the result in x0; what
 * x0 was before is kept in orig_x0, which no register set shows, but /proc/TID/syscall does,
 * if the thread is said to be in a call.  (Since 2026 saying so overwrites orig_x0:
 * update_syscall_orig_x0_after_ptrace() in arch/arm64/kernel/ptrace.c.)
 */
#include "arch-regs-aarch64.h"

#include "remote-regs.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "generic-calls.h"
#include "svc.h"

/* The part of remote_regs that is struct user_pt_regs, and what a 32-bit task has instead */
#define NATIVE_SIZE (34 * sizeof(uint64_t))
#define COMPAT_SIZE (18 * sizeof(uint32_t))

static int get_set(int tid, long set, void *data, size_t size)
{
	struct iovec iov = { .iov_base = data, .iov_len = size };

	return ptrace(PTRACE_GETREGSET, tid, set, &iov) == 0 ? (int)iov.iov_len : -errno;
}

static int set_set(int tid, long set, const void *data, size_t size)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = size };

	return ptrace(PTRACE_SETREGSET, tid, set, &iov) == 0 ? 0 : -errno;
}

/* The instructions before PC and at it; 0 for one that cannot be read. */
static void read_around(int tid, uint64_t pc, uint32_t ret[2])
{
	long word;

	memset(ret, 0, 2 * sizeof(*ret));
	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, tid, pc - REMOTE_INSN_SIZE, NULL);
	if (errno == 0) {
		memcpy(ret, &word, 2 * sizeof(*ret));
		return;
	}
	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, tid, pc, NULL);
	if (errno == 0)
		memcpy(&ret[1], &word, sizeof(*ret));
}

static void find_position(int tid, remote_regs *regs)
{
	uint32_t insns[2];

	regs->position = REMOTE_BEHIND_CALL;
	if (regs->call >= 0)
		return;
	read_around(tid, regs->pc, insns);
	regs->before = insns[0];
	if (insns[1] == SVC)
		regs->position = REMOTE_AT_CALL;
	else if (insns[0] != SVC)
		regs->position = REMOTE_ELSEWHERE;
}

int remote_regs_get(int tid, remote_regs *regs)
{
	int r;

	memset(regs, 0, sizeof(*regs));
	regs->call = -1;
	r = get_set(tid, NT_PRSTATUS, regs, NATIVE_SIZE);
	if (r < 0)
		return r;
	regs->is_32 = r == (int)COMPAT_SIZE;
	if (regs->is_32)
		return 0;
	r = get_set(tid, NT_ARM_SYSTEM_CALL, &regs->call, sizeof(regs->call));
	if (r < 0)
		return r;
	find_position(tid, regs);
	return 0;
}

/* In this order: a thread that runs on in between makes the call that it would have made. */
int remote_regs_set(int tid, const remote_regs *regs)
{
	int r = regs->is_32 ? -ENOTSUP : set_set(tid, NT_PRSTATUS, regs, NATIVE_SIZE);

	return r < 0 ? r : set_set(tid, NT_ARM_SYSTEM_CALL, &regs->call, sizeof(regs->call));
}

uint64_t remote_regs_pc(const remote_regs *regs)
{
	return regs->pc;
}

void remote_regs_set_pc(remote_regs *regs, uint64_t pc)
{
	regs->pc = pc;
}

uint64_t remote_regs_sp(const remote_regs *regs)
{
	return regs->sp;
}

void remote_regs_set_sp(remote_regs *regs, uint64_t sp)
{
	regs->sp = sp;
}

uint64_t remote_regs_thread_pointer(int tid, const remote_regs *regs, bool is_64)
{
	uint64_t pointer;

	(void)regs;
	return is_64 && get_set(tid, NT_ARM_TLS, &pointer, sizeof(pointer)) > 0 ? pointer : 0;
}

void remote_regs_set_return(remote_regs *regs, uint64_t addr)
{
	regs->x[30] = addr;
}

bool remote_regs_get_return(const remote_regs *regs, uint64_t *ret)
{
	*ret = regs->x[30];
	return true;
}

/* Of those that functions preserve: x19 to x28 */
#define MARKED_FIRST 19
#define MARKED_LAST 28

void remote_regs_set_mark(remote_regs *regs, uint64_t mark)
{
	for (size_t i = MARKED_FIRST; i <= MARKED_LAST; i++)
		regs->x[i] = mark;
}

uint64_t remote_regs_mark(const remote_regs *regs)
{
	for (size_t i = MARKED_FIRST; i < MARKED_LAST; i++)
		if (regs->x[i] != regs->x[i + 1])
			return 0;
	return regs->x[MARKED_FIRST];
}

bool remote_regs_in_syscall(const remote_regs *regs)
{
	return regs->position != REMOTE_ELSEWHERE;
}

uint64_t remote_regs_call_insn(const remote_regs *regs)
{
	return regs->position == REMOTE_AT_CALL ? regs->pc : regs->pc - REMOTE_INSN_SIZE;
}

bool remote_regs_restarts(const remote_regs *regs)
{
	return regs->position == REMOTE_AT_CALL;
}

bool remote_regs_has_restart_block(const remote_regs *regs)
{
	return regs->position == REMOTE_AT_CALL &&
	       generic_call_may_have_restart_block(remote_regs_number(regs));
}

bool remote_regs_restarts_late(const remote_regs *regs)
{
	return remote_regs_has_restart_block(regs);
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
	if (regs->call >= 0)
		return regs->call;
	return regs->position == REMOTE_ELSEWHERE ? -1 : remote_regs_number(regs);
}

long remote_regs_number(const remote_regs *regs)
{
	return (int32_t)regs->x[8];
}

void remote_regs_set_number(remote_regs *regs, long number)
{
	regs->x[8] = (uint64_t)number;
}

long remote_regs_result(const remote_regs *regs)
{
	return (long)regs->x[0];
}

bool remote_regs_lack_argument(const remote_regs *regs)
{
	return regs->position == REMOTE_BEHIND_CALL && regs->call < 0 && !regs->has_argument;
}

int remote_regs_show_call(int tid, const remote_regs *regs)
{
	const int32_t number = (int32_t)remote_regs_number(regs);

	return set_set(tid, NT_ARM_SYSTEM_CALL, &number, sizeof(number));
}

void remote_regs_set_argument(remote_regs *regs, uint64_t argument)
{
	regs->has_argument = true;
	regs->argument = argument;
}

/* Would INSN, as the next instruction, leave all as it is: mov xD, xS or mov xD, #N? */
static bool changes_nothing(uint32_t insn, const remote_regs *regs)
{
	unsigned to = insn & 31, from = insn >> 16 & 31;

	if (to == 31)
		return false;
	if ((insn & 0xffe0ffe0) == 0xaa0003e0)
		return from != 31 && regs->x[to] == regs->x[from];
	/* movz, for 64 and 32 bits */
	return ((insn & 0xffe00000) == 0xd2800000 || (insn & 0xffe00000) == 0x52800000) &&
	       regs->x[to] == (insn >> 5 & 0xffff);
}

/*
 * The kernel has decided already, so the thread is rewound as it would have done; it acts on
 * -ERESTART* only when it interrupts a call itself.  One that it has rewound goes back one
 * instruction more, if that does no harm: with another program counter, the kernel leaves its
 * call as it is.
 */
void remote_regs_set_restart(remote_regs *regs, enum remote_restart restart)
{
	(void)restart;
	if (regs->position == REMOTE_BEHIND_CALL)
		remote_regs_rewind(regs, remote_regs_number(regs));
	else if (changes_nothing(regs->before, regs))
		regs->pc -= REMOTE_INSN_SIZE;
}

void remote_regs_rewind(remote_regs *regs, long number)
{
	if (regs->position == REMOTE_BEHIND_CALL)
		regs->pc -= REMOTE_INSN_SIZE;
	if (regs->has_argument)
		regs->x[0] = regs->argument;
	regs->x[8] = (uint64_t)number;
	regs->has_argument = false;
	regs->position = REMOTE_AT_CALL;
	regs->call = -1;
}

void remote_regs_cancel(remote_regs *regs)
{
	regs->call = -1;
}

void remote_regs_set_result(remote_regs *regs, long result)
{
	if (regs->position == REMOTE_AT_CALL)
		regs->pc += REMOTE_INSN_SIZE;
	regs->position = REMOTE_BEHIND_CALL;
	regs->x[0] = (uint64_t)result;
}
