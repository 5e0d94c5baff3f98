/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch-regs-aarch64.h"

#include "arch.h"

#include <linux/audit.h>
#include <string.h>
#include <sys/syscall.h>

#include "frame.h"
#include "svc.h"

#define RET 0xd65f03c0u

/* mov x8, #0 and mov w8, #0: MOVZ, with the immediate in bits 5 to 20 */
#define MOVZ_X8 0xd2800008u
#define MOVZ_W8 0x52800008u
#define IMM16(insn) ((insn) >> 5 & 0xffff)

/* PSTATE.BTYPE: an indirect branch has just been made, and must find a landing pad */
#define PSTATE_BTYPE (3u << 10)

static void prepare(remote_regs *regs, uint64_t insn, long number,
		    const unsigned long arguments[4])
{
	regs->pc = insn;
	for (size_t i = 0; i < 4; i++)
		regs->x[i] = arguments[i];
	regs->x[8] = (uint64_t)number;
	regs->pstate &= ~(uint64_t)PSTATE_BTYPE;
	regs->call = -1;
	regs->position = REMOTE_AT_CALL;
	regs->has_argument = false;
}

static const struct remote_abi abi_64 = {
	.name = "64-bit",
	.insn = { SVC & 0xff, SVC >> 8 & 0xff, SVC >> 16 & 0xff, SVC >> 24 },
	.audit_arch = AUDIT_ARCH_AARCH64,
	.address_end = UINT64_MAX,
	.word = 8,
	.rt_sigreturn = __NR_rt_sigreturn,
	.restart_syscall = __NR_restart_syscall,
	.chains = true,
	.prepare = prepare,
	.build_frame = frame_build,
	.read_frame = frame_read,
};

const struct remote_abi *remote_abi_of(const remote_regs *regs)
{
	return regs->is_32 ? NULL : &abi_64;
}

const struct remote_abi *remote_abi_at(uint64_t sp)
{
	(void)sp;
	return &abi_64;
}

void remote_abi_arguments(const struct remote_abi *abi, const remote_regs *regs,
			  __u64 arguments[6])
{
	(void)abi;
	for (size_t i = 0; i < 6; i++)
		arguments[i] = regs->x[i];
	if (regs->has_argument)
		arguments[0] = regs->argument;
}

static uint32_t insn_at(const unsigned char *code)
{
	uint32_t insn;

	memcpy(&insn, code, sizeof(insn));
	return insn;
}

size_t remote_abi_number_before(const struct remote_abi *abi, const unsigned char *insn,
				size_t before, long *ret_number)
{
	uint32_t load;

	(void)abi;
	if (before < sizeof(load))
		return 0;
	load = insn_at(insn - sizeof(load));
	*ret_number = IMM16(load);
	load &= ~(0xffffu << 5);
	return load == MOVZ_X8 || load == MOVZ_W8 ? sizeof(load) : 0;
}

bool remote_abi_returns(const struct remote_abi *abi, const unsigned char *code, size_t len,
			size_t *ret_pops)
{
	(void)abi;
	*ret_pops = 0;
	return len >= sizeof(uint32_t) && insn_at(code) == RET;
}
