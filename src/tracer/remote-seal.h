/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REMOTE_SEAL_H
#define MSEALCTL_REMOTE_SEAL_H

#include "inject.h"
#include "plan.h"

/* How the calls were made. */
struct remote_calls {
	size_t singles;		/* one by one */
	size_t chained;		/* in chains, */
	size_t chains;		/* number of chains */
	const char *why_single;	/* why not in chains; NULL if they were, or would not pay */
};

/* The chain that inject_begin() should prepare for PLAN; no calls if a chain would not pay. */
struct chain_wish remote_seal_wish(const struct plan *plan);

/*
 * Make the process of INJECTOR carry out PLAN by mseal(2), see plan_seal(), and end
 * the injection, whatever happens.  The results in PLAN must still be verified: calls in a
 * chain count as successful.  RET_CALLS may be NULL.
 *
 * Returns 0; or the error of inject_call(), if not all calls could be made, or of
 * inject_end().
 */
int remote_seal(struct injector *injector, struct plan *plan, struct remote_calls *ret_calls);

#endif
