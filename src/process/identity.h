/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_IDENTITY_H
#define MSEALCTL_IDENTITY_H

#include <limits.h>

#include "process.h"

enum identity_part {
	IDENTITY_USER = 1 << 0,
	IDENTITY_EXE = 1 << 1,
	IDENTITY_ARGS = 1 << 2,
	IDENTITY_UNIT = 1 << 3,
};

/* By what a person knows a process, besides its comm; "" where that is not known. */
struct identity {
	char user[64];		/* name of the real user, or its number if it has no name */
	char exe[PATH_MAX];	/* /proc/PID/exe: the executable, or PATH and " (deleted)" */
	char args[4096];	/* the command line, cut where this ends; "[COMM]" if it is empty */
	char unit[256];		/* of systemd, "nginx.service", see cgroup.h; or none */
};

/* Read PARTS (bits of enum identity_part) of PROCESS; the others become "". */
void identity_read(struct identity *ret, const struct process *process, unsigned parts);

#endif
