/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CHAIN_H
#define MSEALCTL_CHAIN_H

#include "inject.h"

/*
 * Calls that the thread of an injector makes by itself, one after the other, with one stop
 * for all of them; see README.
 */
struct chain {
	struct injector *injector;
	size_t count;		/* calls that wait to be made */
	size_t max;		/* so many are made together */
	size_t made;		/* chains */
	unsigned long first[3];	/* the call that registers make: its number and arguments */
	size_t len;		/* words of the others on the stack */
	uint64_t words[CHAIN_BYTES_MAX / sizeof(uint64_t)];
};

/* How many bytes of the stack a chain of CALLS needs, at most CHAIN_BYTES_MAX. */
size_t chain_bytes(size_t calls);

/*
 * Prepare INJECTOR's thread for chains.  Returns 0, with *RET_WHY_NOT NULL; or a reason why
 * it has to make its calls one by one.  Or -errno, as inject_call().
 */
int chain_begin(struct chain *ret, struct injector *injector, const char **ret_why_not);

/*
 * Make call NUMBER with two arguments, the third and fourth being 0: perhaps only when more
 * have come, or chain_finish() is called.  What it returned is not known.  Returns 0, or
 * -errno as inject_call(), with which those that wait are lost.
 */
int chain_call(struct chain *chain, long number, unsigned long arg0, unsigned long arg1);

/* Make the calls that wait.  Returns as chain_call(). */
int chain_finish(struct chain *chain);

#endif
