/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_EXIT_STATUS_H
#define MSEALCTL_EXIT_STATUS_H

/* Scripts rely on these numbers. */
enum exit_status {
	STATUS_OK = 0,
	STATUS_ERROR = 1,		/* usage or operational error */
	STATUS_NO_MSEAL = 2,		/* no mseal, or not the types asked for */
	STATUS_UNSEALED = 3,		/* not everything selected is sealed */
	/* exec only, as env(1), nohup(1) and stdbuf(1) have them */
	STATUS_EXEC_FAILED = 125,	/* msealctl itself failed */
	STATUS_CANNOT_RUN = 126,
	STATUS_NOT_FOUND = 127,
};

/* With several targets the worst status is the answer: 1 over 2 over 3 over 0. */
static inline enum exit_status worse_status(enum exit_status a, enum exit_status b)
{
	if (a == STATUS_OK || b == STATUS_OK)
		return a == STATUS_OK ? b : a;
	return a < b ? a : b;
}

#endif
