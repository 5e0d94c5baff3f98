/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "signal-stack.h"

#include <string.h>

/* Upper bounds: from a frame to its FPU area, and from there to the frame's end, bytes. */
#define HEAD_MAX 1024
#define FPU_MAX 16384

/* Offsets in struct rt_sigframe and, for 32-bit programs, rt_sigframe_ia32, sigframe_ia32. */
struct layout {
	size_t cs, sp, fpstate;
	size_t word;		/* size of SP and FPSTATE */
	uint16_t cs_value;
	size_t length;		/* how much of a frame is read */
};

static const struct layout layout_64 = {
	.cs = 192, .sp = 168, .fpstate = 232, .word = 8, .cs_value = 0x33, .length = 240,
};
static const struct layout layout_32_rt = {
	.cs = 224, .sp = 192, .fpstate = 240, .word = 4, .cs_value = 0x23, .length = 244,
};
static const struct layout layout_32 = {
	.cs = 68, .sp = 36, .fpstate = 84, .word = 4, .cs_value = 0x23, .length = 88,
};

static uint64_t word_at(const unsigned char *bytes, size_t size)
{
	uint64_t word = 0;

	memcpy(&word, bytes, size);
	return word;
}

/*
 * Do the bytes at FRAME, whose address is ADDR, look like a frame of LAYOUT that was
 * pushed to a stack other than the interrupted one?  A frame holds the address of its FPU
 * area, which follows it; the kernel pushes it right below the stack pointer, unless the
 * handler runs on an alternate stack.
 */
static bool is_elsewhere(const struct layout *layout, const unsigned char *frame,
			 uint64_t addr)
{
	uint64_t fpstate = word_at(frame + layout->fpstate, layout->word);
	uint64_t sp = word_at(frame + layout->sp, layout->word);
	uint16_t cs;

	memcpy(&cs, frame + layout->cs, sizeof(cs));
	return cs == layout->cs_value && fpstate - addr > layout->length &&
	       fpstate - addr < HEAD_MAX && sp - fpstate > FPU_MAX;
}

bool signal_stack_is_alternate(const struct remote_abi *abi, const unsigned char *bytes,
			       size_t len, uint64_t base)
{
	bool is_64 = abi->word == layout_64.word;

	for (size_t at = 0; at + layout_32_rt.length <= len; at += abi->word) {
		if (is_64 ? is_elsewhere(&layout_64, bytes + at, base + at) :
			    is_elsewhere(&layout_32_rt, bytes + at, base + at) ||
			    is_elsewhere(&layout_32, bytes + at, base + at))
			return true;
	}
	return false;
}
