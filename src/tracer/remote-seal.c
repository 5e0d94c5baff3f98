/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "remote-seal.h"

#include <errno.h>

#include "mseal.h"
#include "process.h"
#include "processor.h"

/*
 * A plan_seal_fn: mseal in the process of CONTEXT, an injector.  ESRCH, which mseal
 * itself never returns, ends the plan: no further call can be made.
 */
static int seal_remote(void *context, uint64_t start, uint64_t end, unsigned types)
{
	const unsigned long arguments[4] = { start, end - start, mseal_argument(types), 0 };
	long result;
	int r = inject_call(context, __NR_mseal, arguments, &result);

	return r < 0 ? -ESRCH : (int)result;
}

int remote_seal(struct injector *injector, struct plan *plan)
{
	struct processors before = { .changed = false };
	const struct tracee_thread *thread = injector->thread;
	struct process p;
	int r, end;

	if (process_read_stat(thread->pid, thread->tid, &p) == 0)
		processor_follow(&before, p.processor);
	r = plan_seal(plan, seal_remote, injector);
	end = inject_end(injector);
	processor_return(&before);
	return r < 0 ? r : end;
}
