/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* aarch64: what instructions and registers mean, signal frames, and the way to main(). */
#include "../../../src/arch/aarch64/arch-regs-aarch64.h"

#include "arch.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "../elf-maker.h"
#include "../tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SVC 0xd4000001u
#define RET 0xd65f03c0u
#define MOV_X8_RT_SIGRETURN 0xd2801168u
#define MOV_X6_X7 0xaa0703e6u
#define TOP 0xfffff0000000u
#define MASK 0x1122334455667788u

static remote_regs sample(enum remote_position position)
{
	remote_regs regs = {
		.sp = 0xffffe0001230, .pc = 0x402000, .pstate = 0x60000000, .call = -1,
		.position = position,
	};

	for (size_t i = 0; i < 31; i++)
		regs.x[i] = 1000 + i;
	return regs;
}

static void test_instructions(const struct remote_abi *abi)
{
	const uint32_t code[] = { MOV_X8_RT_SIGRETURN, SVC, RET };
	const unsigned char *bytes = (const unsigned char *)code;
	long number = 0;
	size_t pops = 1;

	ok(memcmp(abi->insn, &code[1], sizeof(code[1])) == 0, "svc makes a call");
	is(remote_abi_number_before(abi, bytes + 4, 4, &number), 4, "mov x8 loads its number");
	is(number, abi->rt_sigreturn, "which is that");
	is(remote_abi_number_before(abi, bytes + 8, 8, &number), 0, "svc loads none");
	is(remote_abi_number_before(abi, bytes + 4, 3, &number), 0, "nor half of a mov");
	ok(remote_abi_returns(abi, bytes + 8, 4, &pops), "ret returns");
	is(pops, 0, "and pops nothing");
	ok(!remote_abi_returns(abi, bytes, 12, &pops), "mov does not");
	ok(!remote_abi_returns(abi, bytes + 8, 3, &pops), "nor does half of a ret");
	is(call_traits(abi, __NR_write), CALL_PARTIAL, "write");
	is(call_traits(abi, 470), CALL_ONCE, "a call that is not known");
}

static void test_prepare(const struct remote_abi *abi)
{
	remote_regs regs = sample(REMOTE_ELSEWHERE);

	/* just behind an indirect branch */
	regs.pstate |= 3u << 10;
	abi->prepare(&regs, 0x5000, 462, (const unsigned long[4]){ 1, 2, 3, 4 });
	is(regs.pc, 0x5000, "a call is made there");
	is(remote_regs_number(&regs), 462, "with that number");
	is(regs.x[0], 1, "and its arguments");
	is(regs.x[4], 1004, "and no more");
	is(regs.pstate, 0x60000000, "without a landing pad");
}

static void test_restarts(void)
{
	remote_regs regs = sample(REMOTE_BEHIND_CALL);

	regs.x[0] = (uint64_t)-EINTR;
	ok(remote_regs_lack_argument(&regs), "the result has taken the place of an argument");
	remote_regs_set_argument(&regs, 7);
	ok(!remote_regs_lack_argument(&regs), "which was found out");
	remote_regs_set_restart(&regs, REMOTE_ERESTARTNOHAND);
	is(regs.x[0], 7, "then it is back,");
	is(regs.pc, 0x402000 - 4, "and the call is made again");
	ok(remote_regs_restarts(&regs), "as others are");

	regs = sample(REMOTE_AT_CALL);
	regs.x[8] = __NR_nanosleep;
	ok(remote_regs_has_restart_block(&regs), "a sleep may have a restart block");
	regs.before = MOV_X6_X7;
	remote_regs_set_restart(&regs, REMOTE_ERESTARTNOHAND);
	is(regs.pc, 0x402000, "an instruction that changes something is not repeated");
	regs.x[6] = regs.x[7];
	remote_regs_set_restart(&regs, REMOTE_ERESTARTNOHAND);
	is(regs.pc, 0x402000 - 4, "one that changes nothing keeps restart_syscall away");
}

static void test_frame(const struct remote_abi *abi, size_t vectors)
{
	remote_regs regs = sample(REMOTE_AT_CALL), got = { .call = 1 };
	struct fpu_state fpu = { .len = 528 };
	const struct frame_content content = { .regs = &regs, .mask = MASK, .fpu = &fpu };
	struct signal_frame frame;
	uint64_t mask = 0;
	/* struct user_sve_header, with registers of that many bytes */
	const uint16_t length = (uint16_t)vectors, flags = 1;

	if (vectors > 0) {
		memcpy(fpu.bytes + 528 + 8, &length, sizeof(length));
		memcpy(fpu.bytes + 528 + 12, &flags, sizeof(flags));
		fpu.len += 16 + 32 * vectors + 17 * vectors / 8;
	}
	is(abi->build_frame(&frame, &content, 0, TOP), 0, "%zu: a frame is built", vectors);
	ok(frame.address % 16 == 0 && frame.address + frame.len <= TOP,
	   "%zu: aligned, below the top", vectors);
	ok(abi->read_frame(frame.bytes, &got, &mask), "%zu: it is one of ours", vectors);
	is(mask, MASK, "%zu: mask", vectors);
	ok(memcmp(got.x, regs.x, sizeof(got.x)) == 0 && got.sp == regs.sp && got.pc == regs.pc &&
	   got.pstate == regs.pstate, "%zu: registers", vectors);
	is(got.call, -1, "%zu: in no call", vectors);
	ok(signal_stack_is_alternate(abi, frame.bytes, frame.len, frame.address) ==
	   (regs.sp - frame.address > 69632), "%zu: on another stack", vectors);
	frame.bytes[0] ^= 1;
	ok(!abi->read_frame(frame.bytes, &got, &mask), "%zu: not without the mark", vectors);
	fpu.len = 527;
	is(abi->build_frame(&frame, &content, 0, TOP), -ENOTSUP, "%zu: a state that is cut",
	   vectors);
}

/* start.S of glibc 2.36, from the first instruction to main() */
static void test_main(void)
{
	static const struct {
		const char *title;
		uint32_t last[2];
		uint64_t address;
	} cases[] = {
		{ "adrp, add", { 0x90000000, 0x9116d000 }, 0x105b4 },
		{ "adrp of a page below, add", { 0xd0ffffe0, 0x91000000 }, 0xe000 },
		{ "adrp, add of a page above", { 0x90000020, 0x91000000 }, 0x14000 },
		{ "something else", { 0xd503201f, 0x9116d000 }, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_memory memory = { .count = 0 };
		uint32_t code[] = {
			0xd503201f, 0xd280001d, 0xd280001e, 0xaa0003e5, 0xf94003e1, 0x910023e2,
			0x910003e6, cases[i].last[0], cases[i].last[1],
		};

		memcpy(fake_map(&memory, 0x10000, 4096), code, sizeof(code));
		is(startup_main(&memory.memory, 0x10000), cases[i].address, "%s",
		   cases[i].title);
		fake_free(&memory);
	}
}

int main(void)
{
	const struct remote_abi *abi = remote_abi_at(0);

	test_instructions(abi);
	test_prepare(abi);
	test_restarts();
	test_frame(abi, 0);
	test_frame(abi, 16);
	test_frame(abi, 256);
	test_main();
	return tap_done();
}
