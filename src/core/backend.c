/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "backend.h"

int backend_seal(const struct backend *backend, void *context, struct plan *ret_plan)
{
	int r = backend->plan(context, ret_plan);

	if (r == 0 && plan_count(ret_plan, PLAN_WOULD_SEAL) > 0)
		r = backend->seal(context, ret_plan);
	if (r == 0 && ret_plan->count > 0)
		r = backend->verify(context, ret_plan);
	return r;
}
