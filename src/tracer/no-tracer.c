/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* In place of the tracer, for an architecture whose folder has no registers. */
#include "no-tracer.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "inject.h"
#include "seal-running.h"

const char *no_tracer(void)
{
	static struct utsname name;

	return uname(&name) == 0 ? name.machine : "this machine";
}

/* Those below are not reached: the commands ask the one above first. */

int seal_running(const struct running *running, struct survey *ret_survey,
		 struct plan *ret_plan, struct running_outcome *ret_outcome)
{
	(void)running;
	(void)ret_survey;
	(void)ret_plan;
	(void)ret_outcome;
	return -EOPNOTSUPP;
}

const char *inject_reason(int error)
{
	return strerror(-error);
}
