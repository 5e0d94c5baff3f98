/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "heads.h"

#include <errno.h>
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

/*
 * How many of the heads at ADDRESSES could be read, up to one that could not.  PAGES of them
 * may have to be waited for.
 */
static size_t read_heads(pid_t tid, const uint64_t *addresses, size_t count, void *bytes,
			 size_t pages)
{
	struct iovec remote[HEADS_MAX], local = { bytes, count * ELF_HEAD_SIZE };
	ssize_t n;

	for (size_t i = 0; i < count; i++)
		remote[i] = (struct iovec){ (void *)(uintptr_t)addresses[i], ELF_HEAD_SIZE };
	privileges_raise(CAP_SYS_PTRACE);
	worker_begin_waits(pages);
	n = process_vm_readv(tid, &local, 1, remote, count, 0);
	worker_end_wait();
	privileges_lower();
	return n > 0 ? (size_t)n / ELF_HEAD_SIZE : 0;
}

/* Read the head at FIRST, and those behind it. */
static int add_group(struct heads *h, const struct vma *first)
{
	const struct vma *end = h->maps->vmas + h->maps->count;
	struct head_group *group = arena_alloc(h->arena, sizeof(*group) +
							 h->wanted * ELF_HEAD_SIZE);
	uint64_t began = clock_now();
	size_t count = 0;

	if (!group)
		return ARENA_FULL;
	for (const struct vma *vma = first; vma < end && count < h->wanted; vma++)
		if (vma == first || may_begin(h->maps, vma))
			group->addresses[count++] = vma->start;
	group->before = h->last;
	group->count = read_heads(h->memory.pid, group->addresses, count, group->bytes,
				  count);
	h->last = group;
	h->next = 0;
	if (clock_now() - began > count * FAST)
		h->wanted = 1;
	else if (h->wanted < HEADS_MAX)
		h->wanted *= 2;
	return 0;
}

static int read_head(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	struct heads *h = ((const struct heads *)m)->self;
	const struct vma *vma = len == ELF_HEAD_SIZE ? maps_at(h->maps, addr) : NULL;
	bool is_head = vma && vma->start == addr;

	while (is_head && h->last && h->next < h->last->count &&
	       h->last->addresses[h->next] < addr)
		h->next++;
	if (is_head && (!h->last || h->next == h->last->count) && add_group(h, vma) < 0)
		return ARENA_FULL;
	if (is_head && h->next < h->last->count && h->last->addresses[h->next] == addr) {
		memcpy(buf, h->last->bytes[h->next], len);
		return 0;
	}
	h->rest_used = true;
	return h->rest.read(&h->rest, addr, buf, len);
}

void heads_init(struct heads *ret, pid_t tid, const struct maps *maps, struct arena *arena)
{
	*ret = (struct heads){
		.memory = { .read = read_head, .pid = tid }, .self = ret,
		.rest = remote_memory(tid), .maps = maps, .arena = arena, .wanted = 1,
	};
}

bool heads_are_current(const struct head_group *last, pid_t tid)
{
	unsigned char bytes[HEADS_MAX][ELF_HEAD_SIZE];

	for (const struct head_group *g = last; g; g = g->before)
		/* they were there a moment ago, and the process is stopped */
		if (read_heads(tid, g->addresses, g->count, bytes, 1) != g->count ||
		    memcmp(bytes, g->bytes, g->count * ELF_HEAD_SIZE) != 0)
			return false;
	return true;
}
