/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CHAIN_H
#define MSEALCTL_CHAIN_H

#include "inject.h"

/* No chain is longer: a call takes 7 words of the stack or more (chain-loads.c). */
#define CHAIN_CALLS_MAX (CHAIN_BYTES_MAX / (7 * sizeof(uint64_t)))

struct chain_call {
	long number;
	unsigned long arguments[4];
};

/*
 * Calls that the thread of an injector makes by itself, one after the other, with one stop
 * for all of them; see README.
 */
struct chain {
	struct injector *injector;
	const struct chain_way *way;	/* how it gets from one call to the next */
	struct fpu_state fpu;		/* of its thread, if WAY loads it */
	size_t max;			/* calls in one chain, the signal included */
	size_t made;			/* number of chains run */
	size_t count;			/* calls not made yet */
	struct chain_call calls[CHAIN_CALLS_MAX];
};

/* How many bytes of the stack the chain that INJECTOR was begun for would take. */
size_t chain_bytes(const struct injector *injector);

/*
 * Prepare INJECTOR's thread for chains.  Returns 0, with *RET_WHY_NOT NULL; or a reason why
 * it has to make its calls one by one.  Or -errno, as inject_call().
 */
int chain_begin(struct chain *ret, struct injector *injector, const char **ret_why_not);

/*
 * Make call NUMBER: perhaps only when more have come, or chain_finish() is called.  What it
 * returned is not known.  Returns 0, or -errno as inject_call(), with which those that wait
 * are lost.
 */
int chain_call(struct chain *chain, long number, const unsigned long arguments[4]);

/* Make the calls that wait.  Returns as chain_call(). */
int chain_finish(struct chain *chain);

#endif
