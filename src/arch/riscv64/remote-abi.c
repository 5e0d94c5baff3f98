/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch-regs-riscv64.h"

#include "remote-abi.h"

#include <linux/audit.h>
#include <string.h>
#include <sys/syscall.h>

#include "frame-riscv64.h"

static void prepare(remote_regs *regs, uint64_t insn, long number,
		    const unsigned long arguments[4])
{
	regs->position = REMOTE_AT_CALL;
	regs->has_argument = false;
	regs->x.pc = insn;
	regs->x.a7 = (unsigned long)number;
	regs->x.a0 = arguments[0];
	regs->x.a1 = arguments[1];
	regs->x.a2 = arguments[2];
	regs->x.a3 = arguments[3];
}

static const struct remote_abi abi = {
	.name = "64-bit",
	.insn = { 0x73, 0, 0, 0 },	/* ecall */
	.audit_arch = AUDIT_ARCH_RISCV64,
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
	(void)regs;
	return &abi;
}

const struct remote_abi *remote_abi_at(uint64_t sp)
{
	(void)sp;
	return &abi;
}

void remote_abi_arguments(const struct remote_abi *a, const remote_regs *regs,
			  __u64 arguments[6])
{
	const struct riscv_regs *x = &regs->x;

	(void)a;
	arguments[0] = regs->has_argument ? regs->argument : x->a0;
	arguments[1] = x->a1;
	arguments[2] = x->a2;
	arguments[3] = x->a3;
	arguments[4] = x->a4;
	arguments[5] = x->a5;
}

/* RISC-V unprivileged specification: addi a7, zero, NUMBER and c.li a7, NUMBER */
size_t remote_abi_number_before(const struct remote_abi *a, const unsigned char *insn,
				size_t before, long *ret_number)
{
	uint32_t addi;
	uint16_t li;

	(void)a;
	if (before >= sizeof(addi)) {
		memcpy(&addi, insn - sizeof(addi), sizeof(addi));
		*ret_number = (long)(addi >> 20);
		if ((addi & 0x800fffff) == 0x893)
			return sizeof(addi);
	}
	if (before < sizeof(li))
		return 0;
	memcpy(&li, insn - sizeof(li), sizeof(li));
	*ret_number = li >> 2 & 31;
	return (li & 0xff83) == 0x4881 ? sizeof(li) : 0;
}

/* c.jr ra, or jalr zero, 0(ra) */
bool remote_abi_returns(const struct remote_abi *a, const unsigned char *code, size_t len,
			size_t *ret_pops)
{
	static const unsigned char c_jr[] = { 0x82, 0x80 }, jalr[] = { 0x67, 0x80, 0, 0 };

	(void)a;
	*ret_pops = 0;
	return (len >= sizeof(c_jr) && memcmp(code, c_jr, sizeof(c_jr)) == 0) ||
	       (len >= sizeof(jalr) && memcmp(code, jalr, sizeof(jalr)) == 0);
}
