/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "memory.h"

#include <errno.h>
#include <sys/uio.h>

static int process_read(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	struct iovec local = { .iov_base = buf, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)addr, .iov_len = len };
	ssize_t n;

	/* what a 32-bit reader cannot address is not there */
	if ((uintptr_t)addr != addr)
		return -EFAULT;
	n = process_vm_readv(m->pid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}

struct memory memory_of(pid_t pid)
{
	return (struct memory){ .read = process_read, .pid = pid };
}
