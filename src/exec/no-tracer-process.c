/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* In place of the tracer process, where msealctl has no tracer: no-tracer.h. */
#include "tracer-process.h"

#include <errno.h>

/* Not reached: no way that is chosen here needs one. */
int tracer_process_start(struct tracer_process *tracer, struct diagnosis *ret_why)
{
	(void)tracer;
	*ret_why = (struct diagnosis){ .reason = "" };
	return -EOPNOTSUPP;
}
