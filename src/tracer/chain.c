/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "chain-way.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "remote-memory.h"

/* The shorter one, where it can be had. */
static const struct chain_way *way_of(const struct injector *in)
{
	return gadgets_have_loads(&in->gadgets) ? &chain_loads : &chain_frames;
}

size_t chain_bytes(const struct injector *in)
{
	size_t bytes;

	if (in->wish.calls == 0 || !in->abi->chains)
		return 0;
	/* with one more, for the signal */
	bytes = (in->wish.calls + 1) * way_of(in)->call_size(in);
	return bytes < CHAIN_BYTES_MAX ? bytes : CHAIN_BYTES_MAX;
}

/*
 * The signal that ends a chain: one that the thread ignores, now and if msealctl dies, but
 * that is reported to its tracer; not blocked, as a signalfd(2) may wait for it then.
 */
static int choose_signal(const struct injector *in)
{
	static const int ignored[] = { SIGURG, SIGWINCH, SIGCHLD };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (!((in->caught | in->saved_mask) & INJECT_SIGNAL_BIT(ignored[i])))
			return ignored[i];
	return 0;
}

#define NO_STACK "no unused stack is known that has room for several calls"

static const char *why_not(const struct injector *in)
{
	if (!in->abi->chains)
		return "it is a 32-bit program";
	if (!in->unfiltered)
		return "its thread has a seccomp filter";
	if (!in->has_frame)
		return NO_STACK;
	if (in->inner_tid <= 0 || choose_signal(in) == 0)
		return "every signal that could end a chain of calls has a handler or is blocked";
	return way_of(in)->why_not ? way_of(in)->why_not(in) : NULL;
}

/* How many calls have room below the frame of IN. */
static size_t max_calls(const struct injector *in)
{
	size_t size = way_of(in)->call_size(in);
	size_t max = size > 0 ? in->frame.below / size : 0;

	return max < CHAIN_CALLS_MAX ? max : CHAIN_CALLS_MAX;
}

int chain_begin(struct chain *ret, struct injector *in, const char **ret_why_not)
{
	long result;
	int r;

	*ret_why_not = why_not(in);
	if (*ret_why_not)
		return 0;
	ret->injector = in;
	ret->way = way_of(in);
	ret->count = ret->made = 0;
	/* once by itself: a security module may deny it, and the thread would run on at the end */
	r = inject_open_signal(in, choose_signal(in));
	if (r == 0)
		r = inject_call(in, __NR_tkill, (const unsigned long[4]){
			(unsigned long)in->inner_tid, (unsigned long)in->end_signal,
		}, &result);
	if (r < 0)
		return r;
	/* only now: the call has cleared vector registers, which makes the frames smaller */
	ret->max = max_calls(in);
	if (result != 0)
		*ret_why_not = "it may not send itself a signal";
	/* at least one call and the signal */
	else if (ret->max < 2)
		*ret_why_not = NO_STACK;
	if (*ret_why_not || !ret->way->loads_fpu)
		return 0;
	return fpu_state_read(in->thread->tid, &ret->fpu);
}

int chain_stack_push(struct chain_stack *stack, const void *bytes, size_t size)
{
	if (size > sizeof(stack->bytes) - stack->len)
		return -ENOTSUP;
	stack->len += size;
	memcpy(stack->bytes + sizeof(stack->bytes) - stack->len, bytes, size);
	return 0;
}

/* What the pops behind the call instruction load: the mark again. */
static int push_pops(const struct chain *c, struct chain_stack *stack)
{
	const uint64_t mark = c->injector->frame.address;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->injector->gadgets.pops; i++)
		r = chain_stack_push(stack, &mark, sizeof(mark));
	return r;
}

/*
 * Lay out all calls but the first, which is set up in registers.  The stack is filled
 * downwards from the frame, so the last call comes first.
 */
static int lay_out(const struct chain *c, struct chain_stack *ret)
{
	int r;

	ret->len = 0;
	r = push_pops(c, ret);
	for (size_t i = c->count; r == 0 && i-- > 1; ) {
		r = c->way->push(c, &c->calls[i], ret);
		if (r == 0)
			r = push_pops(c, ret);
	}
	return r;
}

remote_regs chain_registers(const struct injector *in, const struct chain_call *call, uint64_t sp)
{
	remote_regs regs = in->saved;

	in->abi->prepare(&regs, in->insn, call->number, call->arguments);
	remote_regs_set_sp(&regs, sp);
	remote_regs_set_return(&regs, in->gadgets.restorer);
	remote_regs_set_mark(&regs, in->frame.address);
	return regs;
}

static void add(struct chain *c, long number, const unsigned long arguments[4])
{
	struct chain_call *call = &c->calls[c->count++];

	call->number = number;
	memcpy(call->arguments, arguments, sizeof(call->arguments));
}

int chain_call(struct chain *c, long number, const unsigned long arguments[4])
{
	add(c, number, arguments);
	return c->count < c->max - 1 ? 0 : chain_finish(c);
}

int chain_finish(struct chain *c)
{
	struct injector *in = c->injector;
	struct chain_stack stack;
	remote_regs regs;
	uint64_t sp;
	int r;

	if (c->count == 0)
		return 0;
	add(c, __NR_tkill, (const unsigned long[4]){
		(unsigned long)in->inner_tid, (unsigned long)in->end_signal,
	});
	r = lay_out(c, &stack);
	if (r < 0)
		return r;
	sp = in->frame.address - stack.len;
	regs = chain_registers(in, &c->calls[0], sp);
	r = remote_memory_write(in->thread->tid, sp, stack.bytes + sizeof(stack.bytes) - stack.len,
				stack.len);
	c->made++;
	c->count = 0;
	return r < 0 ? r : inject_run_chain(in, &regs);
}
