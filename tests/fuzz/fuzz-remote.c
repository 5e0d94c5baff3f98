/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * What the injector reads of a target: instructions, signal frames on its stack, its
 * seccomp filters, its registers.
 *
 * Input: a byte that says which of these, then their bytes.
 */
#include "fuzz.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "bpf.h"
#include "gadgets.h"
#include "remote-abi.h"
#include "signal-frame.h"
#include "signal-stack.h"

#define BASE 0x10000u

static const struct remote_abi *abi_of(bool is_64bit)
{
	/* the stack of a 32-bit program is below 4 GiB */
	return remote_abi_at(is_64bit ? UINT64_MAX : 0);
}

static void run_filter(const uint8_t *data, size_t size)
{
	struct sock_filter code[BPF_MAXINSNS];
	struct seccomp_data call;
	uint32_t action;
	size_t len;

	if (size < sizeof(call))
		return;
	memcpy(&call, data, sizeof(call));
	len = (size - sizeof(call)) / sizeof(code[0]);
	len = len < BPF_MAXINSNS ? len : BPF_MAXINSNS;
	memcpy(code, data + sizeof(call), len * sizeof(code[0]));
	must(bpf_run(code, len, &call, &action) <= 0);
}

/* Memory at BASE; a struct memory has no room for more than a number. */
static const uint8_t *text;
static size_t text_size;

static int read_text(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	(void)m;
	if (addr < BASE || addr - BASE > text_size || len > text_size - (addr - BASE))
		return -EFAULT;
	memcpy(buf, text + (addr - BASE), len);
	return 0;
}

static bool is_insn(const struct remote_abi *abi, uint64_t addr)
{
	return addr >= BASE && addr - BASE + REMOTE_INSN_SIZE <= text_size &&
	       memcmp(text + (addr - BASE), abi->insn, REMOTE_INSN_SIZE) == 0;
}

static void find_gadgets(const struct remote_abi *abi, const uint8_t *data, size_t size)
{
	const struct memory memory = { .read = read_text };
	struct vma vma = { .start = BASE, .end = BASE + size, .name = "[vdso]",
			   .perms = VMA_READ | VMA_EXEC };
	struct region region = { .start = BASE, .end = BASE + size, .class = CLASS_VDSO,
				 .vma = &vma };
	const struct regions regions = { .items = &region, .count = 1 };
	struct gadgets g = { 0 };

	text = data;
	text_size = size;
	gadgets_find(&g, &memory, &regions, abi, true);
	must(!g.syscall || is_insn(abi, g.syscall));
	must(!g.syscall_return || is_insn(abi, g.syscall_return));
	must(!g.syscall_return || g.syscall);
	must(!g.restorer || (g.restorer >= BASE && g.restorer < BASE + size));
}

static void look_at_stack(const struct remote_abi *abi, const uint8_t *data, size_t size)
{
	remote_regs regs = { 0 };
	uint64_t mask;

	signal_stack_is_alternate(abi, data, size, BASE);
	if (size >= SIGNAL_FRAME_HEAD)
		abi->read_frame(data, &regs, &mask);
}

static void build_frame(const struct remote_abi *abi, const uint8_t *data, size_t size)
{
	struct { remote_regs regs; uint64_t mask, restorer, top; } input;
	struct fpu_state fpu = { 0 };
	struct frame_content content = { .regs = &input.regs, .fpu = &fpu };
	struct signal_frame frame;
	remote_regs again = { 0 };
	uint64_t mask;

	if (size < sizeof(input))
		return;
	memcpy(&input, data, sizeof(input));
	content.mask = input.mask;
	fpu.len = size - sizeof(input);
	memcpy(fpu.bytes, data + sizeof(input),
	       fpu.len < sizeof(fpu.bytes) ? fpu.len : sizeof(fpu.bytes));
	if (abi->build_frame(&frame, &content, input.restorer, input.top) < 0)
		return;
	must(frame.len <= sizeof(frame.bytes) && frame.len >= SIGNAL_FRAME_HEAD);
	must(frame.address < input.top && frame.address + frame.len <= input.top);
	must(abi->read_frame(frame.bytes, &again, &mask) && mask == input.mask);
	must((uint32_t)remote_regs_pc(&again) == (uint32_t)remote_regs_pc(&input.regs));
	must((uint32_t)remote_regs_sp(&again) == (uint32_t)remote_regs_sp(&input.regs));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct remote_abi *abi;

	if (size == 0)
		return 0;
	abi = abi_of(data[0] & 1);
	switch (data[0] >> 1 & 3) {
	case 0:
		run_filter(data + 1, size - 1);
		break;
	case 1:
		find_gadgets(abi, data + 1, size - 1);
		break;
	case 2:
		look_at_stack(abi, data + 1, size - 1);
		break;
	case 3:
		build_frame(abi, data + 1, size - 1);
		break;
	}
	return 0;
}
