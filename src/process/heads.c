/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "heads.h"

#include <string.h>
#include <sys/uio.h>

#include "clock.h"
#include "privileges.h"
#include "remote-memory.h"
#include "worker.h"

/* A page takes longer if a disk or a FUSE server has to be asked for it. */
#define FAST (NS_PER_MS / 10)

/* May an object begin with VMA, as far as its row and the one before show? */
static bool may_begin(const struct maps *maps, const struct vma *vma)
{
	return vma->inode != 0 && (vma->perms & VMA_READ) && !(vma->perms & VMA_SHARED) &&
	       (vma == maps->vmas || !vma_same_file(vma, vma - 1));
}

/* Read the head at FIRST and those behind it, up to one that cannot be read. */
static void read_heads(struct heads *h, const struct vma *first)
{
	const struct vma *end = h->maps->vmas + h->maps->count;
	struct iovec remote[HEADS_MAX], local = { .iov_base = h->bytes };
	uint64_t began = clock_now();
	size_t count = 0;
	ssize_t n;

	for (const struct vma *vma = first; vma < end && count < h->wanted; vma++) {
		if (vma != first && !may_begin(h->maps, vma))
			continue;
		h->addresses[count] = vma->start;
		remote[count++] = (struct iovec){ (void *)(uintptr_t)vma->start, ELF_HEAD_SIZE };
	}
	local.iov_len = count * ELF_HEAD_SIZE;
	privileges_raise(CAP_SYS_PTRACE);
	worker_begin_waits(count);
	n = process_vm_readv(h->memory.pid, &local, 1, remote, count, 0);
	worker_end_wait();
	privileges_lower();
	h->count = n > 0 ? (size_t)n / ELF_HEAD_SIZE : 0;
	h->next = 0;
	if (clock_now() - began > count * FAST)
		h->wanted = 1;
	else if (h->wanted < HEADS_MAX)
		h->wanted *= 2;
}

static int read_head(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	struct heads *h = ((const struct heads *)m)->self;
	const struct vma *vma = len == ELF_HEAD_SIZE ? maps_at(h->maps, addr) : NULL;

	if (!vma || vma->start != addr)
		return h->other.read(&h->other, addr, buf, len);
	while (h->next < h->count && h->addresses[h->next] < addr)
		h->next++;
	if (h->next == h->count)
		read_heads(h, vma);
	if (h->next == h->count || h->addresses[h->next] != addr)
		return h->other.read(&h->other, addr, buf, len);
	memcpy(buf, h->bytes[h->next], len);
	return 0;
}

void heads_init(struct heads *ret, pid_t tid, const struct maps *maps)
{
	ret->memory = (struct memory){ .read = read_head, .pid = tid };
	ret->self = ret;
	ret->other = remote_memory(tid);
	ret->maps = maps;
	ret->wanted = 1;
	ret->count = ret->next = 0;
}
