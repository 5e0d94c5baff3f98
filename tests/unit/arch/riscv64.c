/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* riscv64: what instructions mean, and signal frames with vector registers and without. */
#include "../../../src/arch/riscv64/arch-regs-riscv64.h"

#include "arch.h"

#include <errno.h>

#include "../tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define TOP 0x3fff0000u
#define MASK 0x1122334455667788u
#define FP_SIZE 264
#define VECTOR_HEAD 40
#define VLENB 16

static const remote_regs sample = {
	.x = { .pc = 0x10000, .ra = 1, .sp = 0x3fff8000, .a0 = 10, .a7 = 63, .t6 = 31 },
};

static const struct remote_abi *abi(void)
{
	return remote_abi_of(&sample);
}

static void test_returns(void)
{
	static const struct {
		const char *title, *code;
		size_t len;
		bool returns;
	} cases[] = {
		{ "ret, compressed", "\x82\x80", 2, true },
		{ "ret", "\x67\x80\x00\x00", 4, true },
		{ "half of it", "\x67\x80", 2, false },
		{ "jr t0", "\x82\x82", 2, false },
		{ "jalr ra", "\xe7\x80\x00\x00", 4, false },
		{ "nothing", "", 0, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t pops = 1;

		is(remote_abi_returns(abi(), (const unsigned char *)cases[i].code, cases[i].len,
				      &pops), cases[i].returns, "%s", cases[i].title);
		is(pops, 0, "%s: no pops", cases[i].title);
	}
}

static void test_numbers(void)
{
	static const struct {
		const char *title, *code;
		size_t before, len;
		long number;
	} cases[] = {
		{ "li a7, 139, as in the vdso", "\x93\x08\xb0\x08", 4, 4, 139 },
		{ "li a7, 22, compressed", "\xd9\x48", 2, 2, 22 },
		{ "the same behind other code", "\x01\x00\xd9\x48", 4, 2, 22 },
		{ "li a7, -1", "\x93\x08\xf0\xff", 4, 0, 0 },
		{ "li a6, 139", "\x13\x08\xb0\x08", 4, 0, 0 },
		{ "li a6, 22, compressed", "\x59\x48", 2, 0, 0 },
		{ "too short", "\xd9", 1, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const unsigned char *code = (const unsigned char *)cases[i].code;
		long number = 0;
		size_t len = remote_abi_number_before(abi(), code + cases[i].before,
						      cases[i].before, &number);

		is(len, cases[i].len, "%s: length", cases[i].title);
		if (len > 0)
			is(number, cases[i].number, "%s: number", cases[i].title);
	}
}

/* The FPU's registers, and, with VECTORS, 32 of VLENB bytes. */
static void fill(struct fpu_state *ret, bool vectors)
{
	const uint64_t vlenb = VLENB;

	memset(ret, 0, sizeof(*ret));
	ret->len = FP_SIZE + (vectors ? VECTOR_HEAD + 32 * VLENB : 0);
	memset(ret->bytes, 0x11, FP_SIZE);
	memset(ret->bytes + FP_SIZE, 0x22, VECTOR_HEAD + 32 * VLENB);
	memcpy(ret->bytes + FP_SIZE + 32, &vlenb, sizeof(vlenb));
}

/* The 64-bit word at OFFSET in a frame. */
static uint64_t word_at(const struct signal_frame *frame, size_t offset)
{
	uint64_t word;

	memcpy(&word, frame->bytes + offset, sizeof(word));
	return word;
}

static void test_frame(bool vectors)
{
	const char *title = vectors ? "with vectors" : "without";
	static struct signal_frame frame;
	static struct fpu_state fpu;
	const struct frame_content content = { .regs = &sample, .mask = MASK, .fpu = &fpu };
	/* the header of an extension, struct __sc_riscv_v_state */
	size_t extension = 8 + 48 + 32 * VLENB;
	remote_regs got = { .position = REMOTE_AT_EXIT };
	uint64_t mask = 0;

	fill(&fpu, vectors);
	is(abi()->build_frame(&frame, &content, 0x20000, TOP), 0, "%s: is built", title);
	ok(frame.address + frame.len <= TOP && frame.address % 16 == 0, "%s: its place", title);
	is(frame.len, 1088 + (vectors ? extension : 0), "%s: its length", title);
	ok(abi()->read_frame(frame.bytes, &got, &mask), "%s: is one of ours", title);
	is(mask, MASK, "%s: mask", title);
	ok(memcmp(&got.x, &sample.x, sizeof(got.x)) == 0, "%s: registers", title);
	is(got.position, REMOTE_ELSEWHERE, "%s: in no call", title);
	is(word_at(&frame, 560), 0x1111111111111111, "%s: FPU", title);
	is(word_at(&frame, 1080), vectors ? extension << 32 | 0x53465457 : 0,
	   "%s: the first extension", title);
	is(word_at(&frame, frame.len - 8), 0, "%s: the last one is empty", title);
	if (vectors) {
		is(word_at(&frame, 1088 + 32), VLENB, "the length of a vector register");
		is(word_at(&frame, 1088 + 40), frame.address + 1136, "where they are");
		is(word_at(&frame, 1136), 0x2222222222222222, "the registers");
	}
	frame.bytes[0] ^= 1;
	ok(!abi()->read_frame(frame.bytes, &got, &mask), "%s: is none, without the mark", title);
	is(abi()->build_frame(&frame, &content, 0x20000, 4096), -ENOTSUP, "%s: no room", title);
	fpu.len = FP_SIZE - 1;
	is(abi()->build_frame(&frame, &content, 0x20000, TOP), -ENOTSUP, "%s: cut", title);
}

/* struct rt_sigframe as the kernel pushes it: a signal, and where the alternate stack is. */
static void test_alternate(void)
{
	static unsigned char stack[4096];
	const int32_t signo = 10;
	const uint64_t base = TOP, size = 8192, where = TOP - 4096;

	ok(!signal_stack_is_alternate(abi(), stack, sizeof(stack), base), "no frame");
	memcpy(stack + 1024, &signo, sizeof(signo));
	memcpy(stack + 1024 + 144, &where, sizeof(where));
	memcpy(stack + 1024 + 160, &size, sizeof(size));
	ok(signal_stack_is_alternate(abi(), stack, sizeof(stack), base), "a frame on that stack");
	ok(!signal_stack_is_alternate(abi(), stack, sizeof(stack), base + size),
	   "one on another stack");
	ok(!signal_stack_is_alternate(abi(), stack, 1024, base), "not that far");
}

/* A call that is interrupted, at the event stop and at its exit stop. */
static void test_restarts(void)
{
	remote_regs regs = sample;

	ok(!remote_regs_in_syscall(&regs), "outside of a call");
	regs.position = REMOTE_BEHIND_CALL;
	ok(remote_regs_lack_argument(&regs), "behind a call, of which an argument is unknown");
	remote_regs_set_argument(&regs, 7);
	remote_regs_rewind(&regs, 22);
	is(regs.x.pc, sample.x.pc - 4, "it is made again by the instruction before");
	is(regs.x.a0, 7, "with that argument");
	is(remote_regs_syscall(&regs), 22, "and that number");
	ok(remote_regs_restarts(&regs), "a thread at a call makes it");
	regs = sample;
	regs.position = REMOTE_AT_EXIT;
	ok(!remote_regs_restarts(&regs), "a call that has ended");
	remote_regs_set_restart(&regs, REMOTE_ERESTARTNOHAND);
	is(remote_regs_result(&regs), -514, "or is to be made again by the kernel");
	ok(remote_regs_restarts(&regs), "so it restarts");
}

int main(void)
{
	test_returns();
	test_numbers();
	test_frame(false);
	test_frame(true);
	test_alternate();
	test_restarts();
	return tap_done();
}
