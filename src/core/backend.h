/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_BACKEND_H
#define MSEALCTL_BACKEND_H

#include "plan.h"

/*
 * One way to seal a process: the shim in its own, or a tracer in one that starts or
 * runs.  Each step gets the CONTEXT of backend_seal() and returns 0 or -errno.
 */
struct backend {
	/* Plan what is selected. */
	int (*plan)(void *context, struct plan *ret);
	/* Make the calls; skipped if the plan has none to make. */
	int (*seal)(void *context, struct plan *plan);
	/* Read back what is sealed, and settle every result; skipped for an empty plan. */
	int (*verify)(void *context, struct plan *plan);
};

/*
 * Plan, seal and verify.  Returns 0 with the results in *RET_PLAN, or the error of the
 * first step that failed.
 */
int backend_seal(const struct backend *backend, void *context, struct plan *ret_plan);

#endif
