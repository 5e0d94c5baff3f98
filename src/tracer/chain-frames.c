/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "chain-way.h"

#include <errno.h>

/* What the alignment of a frame may take. */
#define ALIGNMENT_MAX 128

/* Below SP, a frame from which the thread of IN makes CALL and returns to what is at SP. */
static int build(const struct injector *in, const struct fpu_state *fpu,
		 const struct chain_call *call, uint64_t sp, struct signal_frame *ret)
{
	const remote_regs regs = chain_registers(in, call, sp);
	const struct frame_content content = {
		.regs = &regs, .mask = inject_mask(in), .fpu = fpu,
	};

	return in->abi->build_frame(ret, &content, in->gadgets.restorer, sp);
}

static size_t call_size(const struct injector *in)
{
	const struct chain_call none = { .number = 0 };
	struct signal_frame frame;
	struct fpu_state fpu;

	if (fpu_state_read(in->thread->tid, &fpu) < 0 ||
	    build(in, &fpu, &none, remote_regs_sp(&in->saved), &frame) < 0)
		return 0;
	return frame.len + ALIGNMENT_MAX + in->gadgets.pops * in->abi->word;
}

/* rt_sigreturn(2) makes the kernel forget how much of a timeout is left. */
static const char *why_not(const struct injector *in)
{
	return remote_regs_has_restart_block(&in->saved) ?
	       "a chain would take the rest of the timeout from the call that it waits in" : NULL;
}

static int push(const struct chain *c, const struct chain_call *call, struct chain_stack *stack)
{
	static const unsigned char gap[ALIGNMENT_MAX];
	uint64_t top = c->injector->frame.address - stack->len;
	struct signal_frame frame;
	int r = build(c->injector, &c->fpu, call, top, &frame);

	if (r == 0)
		r = top - frame.address - frame.len > sizeof(gap) ? -ENOTSUP :
		    chain_stack_push(stack, gap, top - frame.address - frame.len);
	return r < 0 ? r : chain_stack_push(stack, frame.bytes, frame.len);
}

const struct chain_way chain_frames = {
	.call_size = call_size,
	.why_not = why_not,
	.loads_fpu = true,
	.push = push,
};
