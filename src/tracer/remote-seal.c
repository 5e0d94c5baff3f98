/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "remote-seal.h"

#include "mseal.h"
#include "process.h"
#include "processor.h"

/* A plan_seal_fn: mseal in the process of CONTEXT, an injector. */
static int seal_remote(void *context, uint64_t start, uint64_t end, unsigned types,
		       int *ret_error)
{
	const unsigned long arguments[4] = { start, end - start, mseal_argument(types), 0 };
	long result;
	int r = inject_call(context, __NR_mseal, arguments, &result);

	if (r == 0)
		*ret_error = (int)result;
	return r;
}

int remote_seal(struct injector *injector, struct plan *plan)
{
	struct processors before = { .changed = false };
	const struct tracee_thread *thread = injector->thread;
	struct process p;
	int r, end;

	if (process_read_stat(thread->pid, thread->tid, &p) == 0)
		processor_follow(&before, 0, p.processor);
	r = plan_seal(plan, seal_remote, injector);
	end = inject_end(injector);
	processor_return(&before);
	return r < 0 ? r : end;
}
