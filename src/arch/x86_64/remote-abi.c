/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch.h"

#include <linux/audit.h>
#include <string.h>
#include <sys/syscall.h>

#include "frame-parts.h"

/*
 * Flags that the program may have set and our calls must not have: TF would trap after the
 * first instruction, AC may trap, and functions of the program expect DF to be clear.
 */
#define FLAGS_CLEARED (1u << 8 /* TF */ | 1u << 10 /* DF */ | 1u << 18 /* AC */)

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
	regs->eflags &= ~(uint64_t)FLAGS_CLEARED;
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
	regs->eflags &= ~(uint64_t)FLAGS_CLEARED;
}

static const struct remote_abi abi_64 = {
	.name = "64-bit",
	.insn = { 0x0f, 0x05 },		/* syscall */
	.audit_arch = AUDIT_ARCH_X86_64,
	.address_end = UINT64_MAX,
	.word = 8,
	.rt_sigreturn = __NR_rt_sigreturn,
	.restart_syscall = __NR_restart_syscall,
	.chains = true,
	.loads = {
		[REMOTE_LOAD_NUMBER] = { 0x58, 0xc3 },	/* pop %rax; ret */
		[REMOTE_LOAD_ARG0] = { 0x5f, 0xc3 },	/* pop %rdi; ret */
		[REMOTE_LOAD_ARG1] = { 0x5e, 0xc3 },	/* pop %rsi; ret */
	},
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
	return regs->cs == REMOTE_CS_64 ? &abi_64 :
	       regs->cs == REMOTE_CS_32 ? &abi_32 : NULL;
}

const struct remote_abi *remote_abi_at(uint64_t sp)
{
	return sp < abi_32.address_end ? &abi_32 : &abi_64;
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

/* The length of "xor REG, REG" with twice the same register, unless functions preserve it; or 0. */
static size_t zeroes(const struct remote_abi *abi, const unsigned char *code, size_t len)
{
	/* REX.R and REX.B: registers r8 to r15 */
	size_t prefix = abi->word == 8 && len > 0 && code[0] == 0x45;
	/* a bit for each of: r8 to r11; ax, cx, dx, si, di */
	unsigned allowed = prefix ? 0x0f : 0xc7;

	if (len < prefix + 2 || code[prefix] != 0x31)
		return 0;
	/* both operands in one byte: 11 REG REG */
	return code[prefix + 1] >= 0xc0 && (code[prefix + 1] & 0x3f) % 9 == 0 &&
	       (allowed >> (code[prefix + 1] & 7) & 1) ? prefix + 2 : 0;
}

/* The length of "add $WORDS * word, stack pointer", or 0. */
static size_t drops(const struct remote_abi *abi, const unsigned char *code, size_t len,
		    size_t *ret_words)
{
	size_t prefix = abi->word == 8;

	if (len < prefix + 3 || (prefix && code[0] != 0x48) || code[prefix] != 0x83 ||
	    code[prefix + 1] != 0xc4 || code[prefix + 2] % abi->word || code[prefix + 2] > 0x7f)
		return 0;
	*ret_words = code[prefix + 2] / abi->word;
	return prefix + 3;
}

/* The length of the pop of a register, but the stack pointer; or 0. */
static size_t pops(const struct remote_abi *abi, const unsigned char *code, size_t len)
{
	/* r8 to r15 */
	if (abi->word == 8 && len > 1 && code[0] == 0x41)
		return code[1] >= 0x58 && code[1] <= 0x5f ? 2 : 0;
	return len > 0 && code[0] >= 0x58 && code[0] <= 0x5f && code[0] != 0x5c;
}

bool remote_abi_returns(const struct remote_abi *abi, const unsigned char *code, size_t len,
			size_t *ret_pops)
{
	size_t total = 0;

	for (size_t at = 0; at < len && total <= REMOTE_POPS_MAX; ) {
		size_t words = 1, n = pops(abi, code + at, len - at);

		if (n == 0)
			n = drops(abi, code + at, len - at, &words);
		if (n == 0) {
			words = 0;
			n = zeroes(abi, code + at, len - at);
		}
		if (n == 0) {
			*ret_pops = total;
			return code[at] == 0xc3;
		}
		at += n;
		total += words;
	}
	return false;
}
