/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

static int read_vm(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	struct iovec local = { .iov_base = buf, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)addr, .iov_len = len };
	ssize_t n;

	n = process_vm_readv(m->pid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}

struct memory memory_of(pid_t pid)
{
	return (struct memory){ .read = read_vm, .pid = pid };
}

int memory_read_string(const struct memory *m, uint64_t addr, char *buf, size_t size)
{
	/* in pieces that cross no page boundary: the next page may be unmapped */
	for (size_t fill = 0; fill + 1 < size; ) {
		size_t piece = 64 - (addr + fill) % 64;
		int r;

		if (piece > size - 1 - fill)
			piece = size - 1 - fill;
		r = m->read(m, addr + fill, buf + fill, piece);
		if (r < 0)
			return r;
		if (memchr(buf + fill, '\0', piece))
			return 0;
		fill += piece;
	}
	buf[size - 1] = '\0';
	return 0;
}
