/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Signal frames: where they lie, what can be read back, and what is no frame. */
#include "signal-frame.h"

#include <errno.h>

#include "remote-abi.h"
#include "signal-stack.h"
#include "tap.h"

#define TOP 0x7ffd0000u
#define RESTORER 0x401000u
#define MASK 0x1122334455667788u

/* As a machine with x87, SSE and nothing else has it. */
static struct fpu_state small_fpu(void)
{
	struct fpu_state fpu = { .len = 576 };

	/* XCR0 in the software bytes, XSTATE_BV in the header */
	fpu.bytes[464] = 3;
	fpu.bytes[512] = 3;
	/* the x87 control word: precision and the like */
	fpu.bytes[0] = 0x7f;
	fpu.bytes[1] = 0x03;
	return fpu;
}

static const remote_regs sample = {
	.rax = 1, .rbx = 2, .rcx = 3, .rdx = 4, .rsi = 5, .rdi = 6, .rbp = 7, .rsp = 0x7ffe0000,
	.r8 = 8, .r9 = 9, .r10 = 10, .r11 = 11, .r12 = 12, .r13 = 13, .r14 = 14, .r15 = 15,
	.rip = 0x402000, .eflags = 0x246, .orig_rax = 35, .cs = 0x33, .ss = 0x2b,
};

static void test_round_trip(unsigned long cs)
{
	remote_regs regs = sample, got = { .cs = cs };
	const struct remote_abi *abi;
	struct fpu_state fpu = small_fpu();
	const struct frame_content content = { .regs = &regs, .mask = MASK, .fpu = &fpu };
	struct signal_frame frame;
	uint64_t mask = 0;
	uint32_t restorer;

	regs.cs = cs;
	abi = remote_abi_of(&regs);
	is(abi->build_frame(&frame, &content, RESTORER, TOP), 0, "%s: is built", abi->name);
	ok(frame.address + frame.len <= TOP, "%s: ends below the top", abi->name);
	ok(frame.len <= sizeof(frame.bytes), "%s: is no longer than its buffer", abi->name);
	is(frame.address % 16, abi->word == 8 ? 8 : 12, "%s: a function could begin there",
	   abi->name);
	memcpy(&restorer, frame.bytes, sizeof(restorer));
	is(restorer, RESTORER, "%s: begins with the return address", abi->name);
	ok(abi->read_frame(frame.bytes, &got, &mask), "%s: is one of ours", abi->name);
	is(mask, MASK, "%s: mask", abi->name);
	is(got.rax, regs.rax, "%s: ax", abi->name);
	is(got.rbx, regs.rbx, "%s: bx", abi->name);
	is(got.rcx, regs.rcx, "%s: cx", abi->name);
	is(got.rdx, regs.rdx, "%s: dx", abi->name);
	is(got.rsi, regs.rsi, "%s: si", abi->name);
	is(got.rdi, regs.rdi, "%s: di", abi->name);
	is(got.rbp, regs.rbp, "%s: bp", abi->name);
	is(got.rsp, regs.rsp, "%s: sp", abi->name);
	is(got.rip, regs.rip, "%s: ip", abi->name);
	is(got.eflags, regs.eflags, "%s: flags", abi->name);
	is(got.r15, abi->word == 8 ? regs.r15 : 0, "%s: r15", abi->name);
	is(got.orig_rax, UINT64_MAX, "%s: in no call", abi->name);
	frame.bytes[abi->word == 8 ? 312 : 16] ^= 1;
	ok(!abi->read_frame(frame.bytes, &got, &mask), "%s: is not, without the mark", abi->name);
}

static void test_refusals(unsigned long cs)
{
	remote_regs regs = sample;
	const struct remote_abi *abi;
	struct fpu_state fpu = small_fpu();
	const struct frame_content content = { .regs = &regs, .mask = MASK, .fpu = &fpu };
	struct signal_frame frame;

	regs.cs = cs;
	abi = remote_abi_of(&regs);
	is(abi->build_frame(&frame, &content, RESTORER, 4096), -ENOTSUP,
	   "%s: no room", abi->name);
	fpu.len = 575;
	is(abi->build_frame(&frame, &content, RESTORER, TOP), -ENOTSUP,
	   "%s: an FPU state that is cut", abi->name);
	fpu.len = sizeof(fpu.bytes) + 1;
	is(abi->build_frame(&frame, &content, RESTORER, TOP), -ENOTSUP,
	   "%s: one that is too large", abi->name);
}

/* A frame on the stack that was interrupted, and one on another. */
static void test_alternate(unsigned long cs)
{
	remote_regs regs = sample;
	const struct remote_abi *abi;
	struct fpu_state fpu = small_fpu();
	const struct frame_content content = { .regs = &regs, .mask = MASK, .fpu = &fpu };
	static unsigned char stack[8192];
	struct signal_frame frame;
	size_t at = 1024;

	regs.cs = cs;
	abi = remote_abi_of(&regs);
	memset(stack, 0x33, sizeof(stack));
	ok(!signal_stack_is_alternate(abi, stack, sizeof(stack), TOP), "%s: no frame", abi->name);
	regs.rsp = TOP + 128;
	if (abi->build_frame(&frame, &content, RESTORER, TOP) != 0)
		return;
	memcpy(stack + at, frame.bytes, frame.len);
	ok(!signal_stack_is_alternate(abi, stack, sizeof(stack), frame.address - at),
	   "%s: pushed to the same stack", abi->name);
	regs.rsp = TOP + 0x100000;
	if (abi->build_frame(&frame, &content, RESTORER, TOP) != 0)
		return;
	memcpy(stack + at, frame.bytes, frame.len);
	ok(signal_stack_is_alternate(abi, stack, sizeof(stack), frame.address - at),
	   "%s: pushed to another", abi->name);
	ok(!signal_stack_is_alternate(abi, stack, 64, frame.address - at),
	   "%s: not that far", abi->name);
}

int main(void)
{
	static const unsigned long kinds[] = { 0x33, 0x23 };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		test_round_trip(kinds[i]);
		test_refusals(kinds[i]);
		test_alternate(kinds[i]);
	}
	return tap_done();
}
