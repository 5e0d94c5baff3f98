/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "gadgets-remote.h"

#include "remote-memory.h"
#include "worker.h"

/* What the worker is asked for. */
struct request {
	struct gadgets gadgets;
	pid_t tid;
	const struct regions *regions;
	const struct remote_abi *abi;
	bool loads;
};

static int search(void *args)
{
	struct request *q = args;
	struct memory memory = remote_memory(q->tid);

	gadgets_find(&q->gadgets, &memory, q->regions, q->abi, q->loads);
	return 0;
}

void gadgets_find_remote(struct gadgets *ret, pid_t tid, const struct regions *regions,
			 const struct remote_abi *abi, bool loads)
{
	struct request q = {
		.gadgets = *ret, .tid = tid, .regions = regions, .abi = abi, .loads = loads,
	};

	if (worker_call(search, &q, sizeof(q)) < 0) {
		/* a page cannot be had: here a worker is given up for each such piece alone */
		q.gadgets = *ret;
		search(&q);
	}
	*ret = q.gadgets;
}
