/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch-regs-riscv64.h"

#include "signal-stack.h"

#include <signal.h>
#include <string.h>

/* The start of struct rt_sigframe, arch/riscv/kernel/signal.c, as far as it is looked at. */
struct frame_start {
	int32_t signo, error, code, pad;
	unsigned char siginfo[112];
	uint64_t uc_flags, uc_link;
	struct { uint64_t sp; int32_t flags; uint32_t pad; uint64_t size; } uc_stack;
};

_Static_assert(sizeof(struct frame_start) == 168, "up to the mask");

/*
 * Do the bytes of START, whose address is ADDR, look like a frame on the alternate stack?
 * The kernel records in it where that stack is.
 */
static bool is_alternate(const struct frame_start *start, uint64_t addr)
{
	return start->signo > 0 && start->signo <= 64 && start->uc_flags == 0 &&
	       start->uc_link == 0 && !(start->uc_stack.flags & SS_DISABLE) &&
	       addr - start->uc_stack.sp < start->uc_stack.size;
}

bool signal_stack_is_alternate(const struct remote_abi *abi, const unsigned char *bytes,
			       size_t len, uint64_t base)
{
	/* frames are aligned so */
	for (size_t at = -base & 15; at + sizeof(struct frame_start) <= len; at += 16) {
		struct frame_start start;

		memcpy(&start, bytes + at, sizeof(start));
		if (is_alternate(&start, base + at))
			return true;
	}
	(void)abi;
	return false;
}
