/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "remote-memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

#include "privileges.h"
#include "worker.h"

/* Longer reads are made in pieces. */
#define PIECE ((size_t)64 << 10)

/* One access that the worker makes. */
struct access {
	pid_t tid;
	bool write;
	uint64_t addr;
	size_t len;
	char bytes[PIECE];
};

static int access_memory(void *args)
{
	struct access *a = args;
	struct iovec local = { .iov_base = a->bytes, .iov_len = a->len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)a->addr, .iov_len = a->len };
	ssize_t n;

	privileges_raise(CAP_SYS_PTRACE);
	worker_begin_wait();
	n = a->write ? process_vm_writev(a->tid, &local, 1, &remote, 1, 0) :
		       process_vm_readv(a->tid, &local, 1, &remote, 1, 0);
	worker_end_wait();
	privileges_lower();
	if (n < 0)
		return -errno;
	return (size_t)n == a->len ? 0 : -EFAULT;
}

static int read_remote(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	struct access a;
	int r = 0;

	a.tid = m->pid;
	a.write = false;
	for (size_t done = 0; r == 0 && done < len; done += a.len) {
		a.addr = addr + done;
		a.len = len - done < PIECE ? len - done : PIECE;
		r = worker_call(access_memory, &a, offsetof(struct access, bytes) + a.len);
		memcpy((char *)buf + done, a.bytes, a.len);
	}
	return r;
}

struct memory remote_memory(pid_t tid)
{
	return (struct memory){ .read = read_remote, .pid = tid };
}

int remote_memory_write(pid_t tid, uint64_t addr, const void *buf, size_t len)
{
	struct access a;

	if (len > PIECE)
		return -E2BIG;
	a.tid = tid;
	a.write = true;
	a.addr = addr;
	a.len = len;
	memcpy(a.bytes, buf, len);
	return worker_call(access_memory, &a, offsetof(struct access, bytes) + len);
}
