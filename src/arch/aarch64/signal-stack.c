/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch-regs-aarch64.h"

#include "signal-stack.h"

#include <string.h>

#include "frame.h"

/* The largest frame, SIGFRAME_MAXSZ of arch/arm64/kernel/signal.c, and what is below it */
#define FRAME_MAX (65536 + 4096)

/*
 * A frame has a stack pointer, at a distance from its first record.  The kernel pushes it right
 * below that, unless the handler runs on an alternate stack.
 */
bool signal_stack_is_alternate(const struct remote_abi *abi, const unsigned char *bytes,
			       size_t len, uint64_t base)
{
	static const uint32_t record[2] = { FPSIMD_MAGIC, sizeof(struct fpsimd_record) };

	(void)abi;
	for (size_t at = -base & 15; at + FRAME_RECORDS_OFFSET + sizeof(record) <= len; at += 16) {
		uint64_t sp;

		if (memcmp(bytes + at + FRAME_RECORDS_OFFSET, record, sizeof(record)) != 0)
			continue;
		memcpy(&sp, bytes + at + FRAME_SP_OFFSET, sizeof(sp));
		if (sp - (base + at) > FRAME_MAX)
			return true;
	}
	return false;
}
