/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "chain.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

#include "remote-memory.h"

/* Words on the stack for a call: three loads, the call itself. */
#define CALL_WORDS (2 * REMOTE_LOADS + 1)

/* A call with its pops. */
static size_t words_of_call(const struct injector *in)
{
	return CALL_WORDS + in->gadgets.pops;
}

size_t chain_bytes(size_t calls)
{
	/* with one more, for the signal */
	size_t bytes = (calls + 1) * (CALL_WORDS + REMOTE_POPS_MAX) * sizeof(uint64_t);

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

static const char *why_not(const struct injector *in)
{
	if (!in->abi->loads[REMOTE_LOAD_NUMBER][0])
		return "its architecture has no chains of calls";
	if (!in->unfiltered)
		return "its thread has a seccomp filter";
	if (!in->has_frame || in->frame.below < 2 * words_of_call(in) * sizeof(uint64_t))
		return "no stack for more is known to be unused";
	if (!gadgets_have_loads(&in->gadgets))
		return "it has no instructions for more";
	if (in->inner_tid <= 0 || choose_signal(in) == 0)
		return "it ignores no signal that could end a chain of them";
	return NULL;
}

int chain_begin(struct chain *ret, struct injector *in, const char **ret_why_not)
{
	long result;
	int r;

	*ret_why_not = why_not(in);
	if (*ret_why_not)
		return 0;
	ret->injector = in;
	ret->count = ret->made = ret->len = 0;
	ret->max = in->frame.below / (words_of_call(in) * sizeof(uint64_t)) - 1;
	/* once by itself: a security module may deny it, and the thread would run on at the end */
	r = inject_open_signal(in, choose_signal(in));
	if (r == 0)
		r = inject_call(in, __NR_tkill, (const unsigned long[4]){
			(unsigned long)in->inner_tid, (unsigned long)in->end_signal,
		}, &result);
	if (r == 0 && result != 0)
		*ret_why_not = "it may not send itself a signal";
	return r;
}

static void append_word(struct chain *c, uint64_t word)
{
	c->words[c->len++] = word;
}

/* What the pops behind the call instruction load: the mark again. */
static void append_pops(struct chain *c)
{
	for (size_t i = 0; i < c->injector->gadgets.pops; i++)
		append_word(c, c->injector->frame.address);
}

static void append_call(struct chain *c, long number, unsigned long arg0, unsigned long arg1)
{
	const uint64_t values[REMOTE_LOADS] = {
		[REMOTE_LOAD_NUMBER] = (uint64_t)number,
		[REMOTE_LOAD_ARG0] = arg0,
		[REMOTE_LOAD_ARG1] = arg1,
	};

	for (size_t i = 0; i < REMOTE_LOADS; i++) {
		append_word(c, c->injector->gadgets.loads[i]);
		append_word(c, values[i]);
	}
	append_word(c, c->injector->insn);
	append_pops(c);
}

int chain_call(struct chain *c, long number, unsigned long arg0, unsigned long arg1)
{
	if (c->count++ == 0) {
		c->first[0] = (unsigned long)number;
		c->first[1] = arg0;
		c->first[2] = arg1;
		append_pops(c);
	} else {
		append_call(c, number, arg0, arg1);
	}
	return c->count < c->max ? 0 : chain_finish(c);
}

int chain_finish(struct chain *c)
{
	struct injector *in = c->injector;
	remote_regs regs = in->saved;
	uint64_t sp;
	int r;

	if (c->count == 0)
		return 0;
	append_call(c, __NR_tkill, (unsigned long)in->inner_tid, (unsigned long)in->end_signal);
	sp = in->frame.address - c->len * sizeof(uint64_t);
	in->abi->prepare(&regs, in->insn, (long)c->first[0],
			 (const unsigned long[4]){ c->first[1], c->first[2] });
	remote_regs_set_sp(&regs, sp);
	remote_regs_set_mark(&regs, in->frame.address);
	r = remote_memory_write(in->thread->tid, sp, c->words, c->len * sizeof(uint64_t));
	c->made++;
	c->count = c->len = 0;
	return r < 0 ? r : inject_run_chain(in, &regs);
}
