/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "remote-memory.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "page.h"
#include "privileges.h"

static int read_remote(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	struct memory plain = memory_of(m->pid);
	int r;

	privileges_raise(CAP_SYS_PTRACE);
	r = plain.read(&plain, addr, buf, len);
	privileges_lower();
	return r;
}

struct memory remote_memory(pid_t tid)
{
	return (struct memory){ .read = read_remote, .pid = tid };
}

static int read_file(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	ssize_t n = addr <= INT64_MAX ? pread(m->fd, buf, len, (off_t)addr) : 0;

	if (n < 0)
		return -errno;
	if ((size_t)n == len)
		return 0;
	if (n == 0 || page_up(addr + (uint64_t)n) < addr + len)
		return -EFAULT;
	memset((char *)buf + n, 0, len - (size_t)n);
	return 0;
}

struct memory file_memory(int fd)
{
	return (struct memory){ .read = read_file, .fd = fd };
}

int remote_memory_write(pid_t tid, uint64_t addr, const void *buf, size_t len)
{
	struct iovec local = { .iov_base = (void *)buf, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)addr, .iov_len = len };
	ssize_t n;

	privileges_raise(CAP_SYS_PTRACE);
	n = process_vm_writev(tid, &local, 1, &remote, 1, 0);
	privileges_lower();
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}
