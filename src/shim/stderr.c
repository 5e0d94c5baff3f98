/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "stderr.h"

#include <poll.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

bool stderr_has_reader(void)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };
	struct timespec at_once = { 0 };

	return syscall(SYS_ppoll, &fd, 1, &at_once, NULL, 0) >= 0 &&
	       !(fd.revents & (POLLERR | POLLHUP));
}

void stderr_write(struct line *line)
{
	line->text[line->len++] = '\n';
	if (write(STDERR_FILENO, line->text, line->len) < 0)
		return;
}
