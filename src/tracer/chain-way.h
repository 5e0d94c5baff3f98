/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CHAIN_WAY_H
#define MSEALCTL_CHAIN_WAY_H

#include "chain.h"

/* What is to lie right below the rescue frame: the last LEN of BYTES. */
struct chain_stack {
	size_t len;
	unsigned char bytes[CHAIN_BYTES_MAX];
};

/* Put SIZE BYTES below what is there.  Returns 0, or -ENOTSUP if there is no room. */
int chain_stack_push(struct chain_stack *stack, const void *bytes, size_t size);

/* The registers with which INJECTOR's thread makes CALL and returns to what is at SP. */
remote_regs chain_registers(const struct injector *injector, const struct chain_call *call,
			    uint64_t sp);

/* How the thread gets to the next call, once one has returned and the pops behind it are done. */
struct chain_way {
	/* how much of the stack a call takes, at most, bytes; 0 if that cannot be known */
	size_t (*call_size)(const struct injector *injector);
	/* why INJECTOR's thread cannot be led this way, or NULL; NULL itself if any can */
	const char *(*why_not)(const struct injector *injector);
	/* whether push() needs CHAIN's fpu */
	bool loads_fpu;
	/* push what leads to CALL, after which all that is on STACK already comes */
	int (*push)(const struct chain *chain, const struct chain_call *call,
		    struct chain_stack *stack);
};

/* By instructions of the program that load registers from the stack; see README. */
extern const struct chain_way chain_loads;

/* By signal frames, from which rt_sigreturn(2) loads all registers. */
extern const struct chain_way chain_frames;

#endif
