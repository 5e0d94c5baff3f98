/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "late-stderr.h"

#include <unistd.h>

#include "stderr.h"

void late_stderr_remember(struct stat *ret)
{
	if (fstat(STDERR_FILENO, ret) != 0)
		*ret = (struct stat){ 0 };
}

bool late_stderr_is_usable(const struct stat *then, bool filtered)
{
	struct stat now;

	/* the descriptor may be that of a socket or a database by now */
	if (fstat(STDERR_FILENO, &now) != 0 || now.st_dev != then->st_dev ||
	    now.st_ino != then->st_ino)
		return false;
	/* a filter is more likely to forbid ppoll(2) than write(2) */
	return filtered || stderr_has_reader();
}
