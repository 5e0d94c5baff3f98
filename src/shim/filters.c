/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "filters.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "number.h"

/* proc(5): since Linux 5.9, which is before mseal */
#define LINE "\nSeccomp_filters:\t"

int filters_count(char buf[FILTERS_BUFFER_SIZE], uint64_t *ret)
{
	size_t fill = 0;
	ssize_t n;
	char *line;
	int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf + fill, FILTERS_BUFFER_SIZE - 1 - fill);
		fill += n > 0 ? (size_t)n : 0;
	} while (n > 0 && fill < FILTERS_BUFFER_SIZE - 1);
	close(fd);
	buf[fill] = '\0';
	line = strstr(buf, LINE);
	if (!line)
		return -ENODATA;
	line += strlen(LINE);
	return number_scan(line, strspn(line, "0123456789"), 10, ret) > 0 ? 0 : -ENODATA;
}
