/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "guard.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "signal-frame.h"

/* Stack left below the frame, for a signal handler that may run on top of it. */
#define MARGIN 8192

/* The lowest address of the stack that SP is in, or 0 if it is none that we know to be free. */
static uint64_t stack_bottom(const struct regions *regions, uint64_t sp)
{
	for (size_t i = 0; i < regions->count; i++) {
		const struct region *r = &regions->items[i];
		const struct region *below = i > 0 ? &regions->items[i - 1] : NULL;

		if (sp < r->start || sp >= r->end)
			continue;
		if (r->class == CLASS_STACK)
			return r->start;
		/* pthread stacks: memory that cannot be touched lies right below */
		if (r->class == CLASS_ANON && r->start == r->vma->start && below &&
		    below->end == r->start &&
		    !(below->vma->perms & (VMA_READ | VMA_WRITE | VMA_EXEC)))
			return r->start;
		return 0;
	}
	return 0;
}

int guard_place(struct guard *ret, pid_t tid, const remote_regs *regs, uint64_t mask,
		const struct gadgets *gadgets, const struct regions *regions)
{
	uint64_t bottom = stack_bottom(regions, remote_regs_sp(regs));
	struct signal_frame frame;
	struct fpu_state fpu;
	struct iovec local, remote;
	int r;

	if (!bottom || !gadgets->syscall_return || !gadgets->restorer)
		return -ENOTSUP;
	r = fpu_state_read(tid, &fpu);
	if (r == 0)
		r = signal_frame_build(&frame, regs, mask, &fpu, gadgets->restorer);
	if (r < 0)
		return -ENOTSUP;
	if (frame.address < bottom + MARGIN)
		return -ENOTSUP;
	local = (struct iovec){ .iov_base = frame.bytes, .iov_len = frame.len };
	remote = (struct iovec){ .iov_base = (void *)frame.address, .iov_len = frame.len };
	if (process_vm_writev(tid, &local, 1, &remote, 1, 0) != (ssize_t)frame.len)
		return -ENOTSUP;
	*ret = (struct guard){ .insn = gadgets->syscall_return, .stack = frame.address };
	return 0;
}
