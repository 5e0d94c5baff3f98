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

static int access_memory(pid_t tid, bool write, uint64_t addr, void *bytes, size_t len)
{
	struct iovec local = { .iov_base = bytes, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)addr, .iov_len = len };
	ssize_t n;

	privileges_raise(CAP_SYS_PTRACE);
	worker_begin_wait();
	n = write ? process_vm_writev(tid, &local, 1, &remote, 1, 0) :
		    process_vm_readv(tid, &local, 1, &remote, 1, 0);
	worker_end_wait();
	privileges_lower();
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}

static int serve_access(void *args)
{
	struct access *a = args;

	return access_memory(a->tid, a->write, a->addr, a->bytes, a->len);
}

/* Read a PIECE at most by the worker, into memory of its own: it may be given up. */
static int read_piece(pid_t tid, uint64_t addr, void *buf, size_t len)
{
	struct access a;
	int r;

	a.tid = tid;
	a.write = false;
	a.addr = addr;
	a.len = len;
	r = worker_call(serve_access, &a, offsetof(struct access, bytes) + len);
	memcpy(buf, a.bytes, len);
	return r;
}

static int read_remote(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	size_t n;
	int r = 0;

	for (size_t done = 0; r == 0 && done < len; done += n) {
		n = len - done < PIECE ? len - done : PIECE;
		/* what the worker itself reads into is given up with it */
		r = worker_is_serving() ?
		    access_memory(m->pid, false, addr + done, (char *)buf + done, n) :
		    read_piece(m->pid, addr + done, (char *)buf + done, n);
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
	return worker_call(serve_access, &a, offsetof(struct access, bytes) + len);
}
