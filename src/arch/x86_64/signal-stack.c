/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "signal-stack.h"

#include <string.h>

/* Distance from a frame to its FPU area, and from that to the end: both generous, bytes. */
#define HEAD_MAX 1024
#define FPU_MAX 16384

/* Offsets in struct rt_sigframe and, of 32-bit programs, rt_sigframe_ia32 and sigframe_ia32. */
struct layout {
	size_t cs, sp, fpstate;
	size_t word;		/* size of the last two */
	uint16_t cs_value;
	size_t length;		/* of what is looked at */
};

static const struct layout wide = {
	.cs = 192, .sp = 168, .fpstate = 232, .word = 8, .cs_value = 0x33, .length = 240,
};
static const struct layout narrow_rt = {
	.cs = 224, .sp = 192, .fpstate = 240, .word = 4, .cs_value = 0x23, .length = 244,
};
static const struct layout narrow = {
	.cs = 68, .sp = 36, .fpstate = 84, .word = 4, .cs_value = 0x23, .length = 88,
};

static uint64_t word_at(const unsigned char *bytes, size_t size)
{
	uint64_t wide_word;
	uint32_t narrow_word;

	if (size == sizeof(narrow_word)) {
		memcpy(&narrow_word, bytes, sizeof(narrow_word));
		return narrow_word;
	}
	memcpy(&wide_word, bytes, sizeof(wide_word));
	return wide_word;
}

/*
 * Do the bytes at FRAME, which is at ADDR, look like a frame of LAYOUT, and one that
 * was pushed to another stack than the one that was interrupted?  A frame holds the
 * address of its FPU area, right behind it, and the kernel pushes it right below the
 * stack pointer, unless there is an alternate stack to go to.
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
	bool is_wide = abi->word == wide.word;

	for (size_t at = 0; at + wide.length + narrow_rt.word <= len; at += abi->word) {
		if (is_wide ? is_elsewhere(&wide, bytes + at, base + at) :
			      is_elsewhere(&narrow_rt, bytes + at, base + at) ||
			      is_elsewhere(&narrow, bytes + at, base + at))
			return true;
	}
	return false;
}
