/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "remote-abi.h"

#include <linux/audit.h>
#include <string.h>
#include <sys/syscall.h>

#include "signal-frame.h"

/* arch/x86/include/asm/segment.h: __USER_CS, __USER32_CS */
#define CS_64 0x33
#define CS_32 0x23

/*
 * orig_rax = -1 keeps the kernel from restarting the call that the stop
 * interrupted: arch_do_signal_or_restart(), arch/x86/kernel/signal.c.
 */
static void prepare_64(remote_regs *regs, uint64_t insn, long number,
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

static void prepare_32(remote_regs *regs, uint64_t insn, long number,
		       const unsigned long arguments[4])
{
	regs->rip = insn;
	regs->rax = (unsigned long)number;
	regs->orig_rax = (unsigned long)-1;
	regs->rbx = arguments[0];
	regs->rcx = arguments[1];
	regs->rdx = arguments[2];
	regs->rsi = arguments[3];
}

static const struct remote_abi abi_64 = {
	.name = "64-bit",
	.insn = { 0x0f, 0x05 },		/* syscall */
	.audit_arch = AUDIT_ARCH_X86_64,
	.address_end = UINT64_MAX,
	.word = 8,
	.rt_sigreturn = __NR_rt_sigreturn,
	.restart_syscall = __NR_restart_syscall,
	.prepare = prepare_64,
	.build_frame = signal_frame_build_64,
	.read_frame = signal_frame_read_64,
};

static const struct remote_abi abi_32 = {
	.name = "32-bit",
	.insn = { 0xcd, 0x80 },		/* int $0x80 */
	.audit_arch = AUDIT_ARCH_I386,
	.address_end = (uint64_t)1 << 32,
	.word = 4,
	.rt_sigreturn = 173,
	.restart_syscall = 0,
	.prepare = prepare_32,
	.build_frame = signal_frame_build_32,
	.read_frame = signal_frame_read_32,
};

const struct remote_abi *remote_abi_of(const remote_regs *regs)
{
	return regs->cs == CS_64 ? &abi_64 : regs->cs == CS_32 ? &abi_32 : NULL;
}

void remote_abi_arguments(const struct remote_abi *abi, const remote_regs *regs,
			  __u64 arguments[6])
{
	const __u64 native[6] = {
		regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9,
	};
	const __u64 compat[6] = {
		(uint32_t)regs->rbx, (uint32_t)regs->rcx, (uint32_t)regs->rdx,
		(uint32_t)regs->rsi, (uint32_t)regs->rdi, (uint32_t)regs->rbp,
	};

	memcpy(arguments, abi->word == 8 ? native : compat, sizeof(native));
}

size_t remote_abi_number_before(const struct remote_abi *abi, const unsigned char *insn,
				size_t before, long *ret_number)
{
	static const unsigned char mov_rax[] = { 0x48, 0xc7, 0xc0 };
	static const unsigned char mov_eax[] = { 0xb8 };
	uint32_t number;

	if (before < sizeof(mov_eax) + sizeof(number))
		return 0;
	memcpy(&number, insn - sizeof(number), sizeof(number));
	*ret_number = (long)number;
	insn -= sizeof(number);
	before -= sizeof(number);
	if (abi->word == 8 && before >= sizeof(mov_rax) &&
	    memcmp(insn - sizeof(mov_rax), mov_rax, sizeof(mov_rax)) == 0)
		return sizeof(mov_rax) + sizeof(number);
	if (memcmp(insn - sizeof(mov_eax), mov_eax, sizeof(mov_eax)) == 0)
		return sizeof(mov_eax) + sizeof(number);
	return 0;
}

bool remote_abi_returns(const struct remote_abi *abi, const unsigned char *code, size_t len,
			size_t *ret_pops)
{
	const unsigned char *end = code + len;
	size_t pops = 0;

	for (; code < end; code++, pops++) {
		/* pop of r8 to r15 has this prefix */
		if (abi->word == 8 && *code == 0x41 && end - code > 1)
			code++;
		else if (*code == 0xc3)
			break;
		/* 0x5c without a prefix would pop the stack pointer itself */
		if (*code < 0x58 || *code > 0x5f || *code == 0x5c)
			return false;
	}
	*ret_pops = pops;
	return code < end;
}
