/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "remote-seal.h"

#include "chain.h"
#include "mseal.h"
#include "processor.h"

/* The least calls for which a chain pays: two stops more are needed to prepare it. */
#define CHAIN_MIN 4

struct sealer {
	struct injector *injector;
	struct remote_calls calls;
	bool chained;
	struct chain chain;
};

/* A plan_seal_fn: mseal in the process of CONTEXT, a sealer. */
static int seal_remote(void *context, uint64_t start, uint64_t end, unsigned types,
		       int *ret_error)
{
	const unsigned long arguments[4] = { start, end - start, mseal_argument(types), 0 };
	struct sealer *s = context;
	long result = 0;
	int r;

	if (s->chained) {
		s->calls.chained++;
		r = chain_call(&s->chain, __NR_mseal, arguments);
	} else {
		s->calls.singles++;
		r = inject_call(s->injector, __NR_mseal, arguments, &result);
	}
	if (r == 0)
		*ret_error = (int)result;
	return r;
}

struct chain_wish remote_seal_wish(const struct plan *plan)
{
	size_t calls = plan_calls(plan);

	return (struct chain_wish){
		.calls = calls < CHAIN_MIN ? 0 : calls, .third = mseal_argument(plan->types) != 0,
	};
}

static int seal_all(struct sealer *s, struct plan *plan)
{
	int r = 0;

	if (s->injector->wish.calls > 0) {
		r = chain_begin(&s->chain, s->injector, &s->calls.why_single);
		s->chained = r == 0 && !s->calls.why_single;
	}
	if (r == 0)
		r = plan_seal(plan, seal_remote, s);
	if (r == 0 && s->chained)
		r = chain_finish(&s->chain);
	s->calls.chains = s->chained ? s->chain.made : 0;
	return r;
}

int remote_seal(struct injector *injector, struct plan *plan, struct remote_calls *ret_calls)
{
	struct sealer sealer = { .injector = injector };
	struct processors before = { .changed = false };
	int r, end;

	/* where it has stopped, it will run */
	processor_follow(&before, 0, injector->processor);
	r = seal_all(&sealer, plan);
	end = inject_end(injector);
	processor_return(&before);
	if (ret_calls)
		*ret_calls = sealer.calls;
	return r < 0 ? r : end;
}
