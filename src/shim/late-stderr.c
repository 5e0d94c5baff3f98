/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "late-stderr.h"

#include <poll.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

void late_stderr_remember(struct stat *ret)
{
	if (fstat(STDERR_FILENO, ret) != 0)
		*ret = (struct stat){ 0 };
}

/* To write where nobody reads any more would end the program: SIGPIPE. */
static bool has_reader(void)
{
	struct pollfd stderr_now = { .fd = STDERR_FILENO, .events = POLLOUT };
	struct timespec at_once = { 0 };

	/* poll(2) would do, but more programs have a function of that name */
	return ppoll(&stderr_now, 1, &at_once, NULL) >= 0 &&
	       !(stderr_now.revents & (POLLERR | POLLHUP));
}

bool late_stderr(const struct stat *then, bool filtered)
{
	struct stat now;

	/* the descriptor may have become that of a socket or a database */
	if (fstat(STDERR_FILENO, &now) != 0 || now.st_dev != then->st_dev ||
	    now.st_ino != then->st_ino)
		return false;
	/* a filter is likelier to forbid ppoll(2) than write(2) */
	return filtered || has_reader();
}
