/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "seccomp-filters.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "number.h"

/* proc(5): since Linux 5.9, which is before mseal */
#define LINE "\nSeccomp_filters:\t"

static int parse_count(const char *digits, uint64_t *ret)
{
	const char *end = strchr(digits, '\n');

	return end && number_scan(digits, (size_t)(end - digits), 10, ret) > 0 ? 0 : -ENODATA;
}

int filters_count(char buf[FILTERS_BUFFER_SIZE], uint64_t *ret)
{
	size_t fill = 0;
	ssize_t n;
	const char *line;
	int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf + fill, FILTERS_BUFFER_SIZE - 1 - fill);
		fill += n > 0 ? (size_t)n : 0;
	} while (n > 0 && fill < FILTERS_BUFFER_SIZE - 1);
	close(fd);
	buf[fill] = '\0';
	for (line = strchr(buf, '\n'); line; line = strchr(line + 1, '\n'))
		if (strncmp(line, LINE, strlen(LINE)) == 0)
			return parse_count(line + strlen(LINE), ret);
	return -ENODATA;
}
