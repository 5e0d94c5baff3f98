/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "chain-way.h"

/* Words on the stack for a call: three loads, the call itself. */
#define CALL_WORDS (2 * REMOTE_LOADS + 1)

static size_t call_size(const struct injector *in)
{
	return (CALL_WORDS + in->gadgets.pops) * sizeof(uint64_t);
}

static int push(const struct chain *c, const struct chain_call *call, struct chain_stack *stack)
{
	const uint64_t values[REMOTE_LOADS] = {
		[REMOTE_LOAD_NUMBER] = (uint64_t)call->number,
		[REMOTE_LOAD_ARG0] = call->arguments[0],
		[REMOTE_LOAD_ARG1] = call->arguments[1],
	};
	uint64_t words[CALL_WORDS];

	for (size_t i = 0; i < REMOTE_LOADS; i++) {
		words[2 * i] = c->injector->gadgets.loads[i];
		words[2 * i + 1] = values[i];
	}
	words[CALL_WORDS - 1] = c->injector->insn;
	return chain_stack_push(stack, words, sizeof(words));
}

const struct chain_way chain_loads = {
	.call_size = call_size,
	.push = push,
};
