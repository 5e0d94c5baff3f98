/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "privileges.h"

#include <errno.h>

static bool flag_of(cap_t caps, cap_value_t cap, cap_flag_t flag)
{
	cap_flag_value_t value = CAP_CLEAR;

	return cap_get_flag(caps, cap, flag, &value) == 0 && value == CAP_SET;
}

static int keep(cap_t to, cap_t from, cap_value_t cap, cap_flag_t flag)
{
	if (!flag_of(from, cap, flag))
		return 0;
	return cap_set_flag(to, flag, 1, &cap, CAP_SET) == 0 ? 0 : -errno;
}

int privileges_reduce(bool keep_sys_admin)
{
	cap_t now = cap_get_proc(), reduced = cap_init();
	int r = now && reduced ? 0 : -ENOMEM;

	if (r == 0)
		r = keep(reduced, now, CAP_SYS_PTRACE, CAP_PERMITTED);
	if (r == 0)
		r = keep(reduced, now, CAP_SYS_PTRACE, CAP_EFFECTIVE);
	if (r == 0 && keep_sys_admin)
		r = keep(reduced, now, CAP_SYS_ADMIN, CAP_PERMITTED);
	if (r == 0 && cap_set_proc(reduced) != 0)
		r = -errno;
	cap_free(now);
	cap_free(reduced);
	return r;
}

int privileges_set(cap_value_t cap, bool effective)
{
	cap_t caps = cap_get_proc();
	int r = caps ? 0 : -ENOMEM;

	if (r == 0 && effective && !flag_of(caps, cap, CAP_PERMITTED))
		r = -EPERM;
	if (r == 0 && cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap,
				   effective ? CAP_SET : CAP_CLEAR) != 0)
		r = -errno;
	if (r == 0 && cap_set_proc(caps) != 0)
		r = -errno;
	cap_free(caps);
	return r;
}

bool privileges_have(cap_value_t cap)
{
	cap_t caps = cap_get_proc();
	bool have = caps && flag_of(caps, cap, CAP_PERMITTED);

	cap_free(caps);
	return have;
}
