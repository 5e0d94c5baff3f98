/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "privileges.h"

#include <errno.h>
#include <stddef.h>

/* What this thread has between two calls that need more; NULL until it is reduced. */
static cap_t lowered;

static bool flag_of(cap_t caps, cap_value_t cap, cap_flag_t flag)
{
	cap_flag_value_t value = CAP_CLEAR;

	return cap_get_flag(caps, cap, flag, &value) == 0 && value == CAP_SET;
}

static int keep(cap_t to, cap_t from, cap_value_t cap)
{
	if (!flag_of(from, cap, CAP_PERMITTED))
		return 0;
	return cap_set_flag(to, CAP_PERMITTED, 1, &cap, CAP_SET) == 0 ? 0 : -errno;
}

int privileges_reduce(bool keep_sys_admin)
{
	cap_t now = cap_get_proc(), reduced = cap_init();
	int r = now && reduced ? 0 : -ENOMEM;

	if (r == 0)
		r = keep(reduced, now, CAP_SYS_PTRACE);
	if (r == 0 && keep_sys_admin)
		r = keep(reduced, now, CAP_SYS_ADMIN);
	if (r == 0 && cap_set_proc(reduced) != 0)
		r = -errno;
	cap_free(now);
	if (r < 0) {
		cap_free(reduced);
		return r;
	}
	cap_free(lowered);
	lowered = reduced;
	return 0;
}

void privileges_raise(cap_value_t cap)
{
	if (!lowered || !flag_of(lowered, cap, CAP_PERMITTED))
		return;
	cap_set_flag(lowered, CAP_EFFECTIVE, 1, &cap, CAP_SET);
	cap_set_proc(lowered);
}

void privileges_lower(void)
{
	int saved = errno;

	if (lowered) {
		cap_clear_flag(lowered, CAP_EFFECTIVE);
		cap_set_proc(lowered);
	}
	errno = saved;
}

bool privileges_have(cap_value_t cap)
{
	cap_t caps = cap_get_proc();
	bool have = caps && flag_of(caps, cap, CAP_PERMITTED);

	cap_free(caps);
	return have;
}
