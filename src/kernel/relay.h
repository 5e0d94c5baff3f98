/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Input on its way from feed on the host to init in the machine, by a port that is a
 * terminal: it knows no end of input, and what comes before it is set to raw, or faster
 * than it is read, is garbled or lost.  So the machine asks, with one byte, for each frame
 * of input: its length in two bytes, the low one first, and as many bytes.  One of length
 * 0 is the end.
 */
#ifndef RELAY_H
#define RELAY_H

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

/* less than the 4 KiB that a terminal keeps for its reader */
enum { FRAME_MAX = 2048 };

/* read(2), but -errno, and again after a signal. */
static inline ssize_t read_some(int fd, void *buffer, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buffer, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Fill BUFFER.  0, -errno, -EIO at the end of the file. */
static inline int read_all(int fd, void *buffer, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = read_some(fd, (uint8_t *)buffer + done, size - done);

		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		done += (size_t)n;
	}
	return 0;
}

/* Write all of BUFFER.  0 or -errno. */
static inline int write_all(int fd, const void *buffer, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, (const uint8_t *)buffer + done, size - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

#endif
