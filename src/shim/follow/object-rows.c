/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "object-rows.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "maps-from-loader.h"

/* struct procmap_query of include/uapi/linux/fs.h, which older headers lack */
struct query {
	uint64_t size, flags, addr;
	uint64_t start, end, vma_flags, page_size, offset, inode;
	uint32_t dev_major, dev_minor, name_size, build_id_size;
	uint64_t name, build_id;
};

#define PROCMAP_QUERY _IOWR('f', 17, struct query)
/* in .flags; the lower bits, in .vma_flags, are those of enum vma_perm */
#define COVERING_OR_NEXT 0x10
#define PERMS (VMA_READ | VMA_WRITE | VMA_EXEC | VMA_SHARED)

/* The row at ADDR, or the next; its name only if NAME is not NULL. */
static int ask(int fd, uint64_t addr, char *name, struct vma *ret)
{
	struct query q = {
		.size = sizeof(q), .flags = COVERING_OR_NEXT, .addr = addr,
		.name_size = name ? OBJECT_ROWS_NAME_SIZE : 0, .name = (uintptr_t)name,
	};

	if (syscall(SYS_ioctl, fd, PROCMAP_QUERY, &q) != 0)
		return -errno;
	*ret = (struct vma){
		.start = q.start, .end = q.end, .offset = q.offset, .inode = q.inode,
		.dev_major = q.dev_major, .dev_minor = q.dev_minor,
		.perms = q.vma_flags & PERMS, .name = "",
	};
	return 0;
}

int object_rows_add(struct maps *maps, struct arena *arena, int fd, uint64_t start, char *name)
{
	struct vma first, row;
	int r = ask(fd, start, name, &first);

	if (r == 0 && first.start != start)
		r = -ENOENT;
	if (r < 0)
		return r;
	first.name = arena_strndup(arena, name, strnlen(name, OBJECT_ROWS_NAME_SIZE));
	if (!first.name)
		return ARENA_FULL;
	for (row = first; r == 0; ) {
		bool was_file = row.inode != 0;
		uint64_t end = row.end;

		r = maps_insert(maps, arena, row);
		if (r < 0)
			return r;
		r = ask(fd, end, NULL, &row);
		if (r < 0)
			break;
		if (vma_same_file(&row, &first))
			row.name = first.name;
		else if (row.inode != 0 || !was_file || row.start != end)
			break;
	}
	return r == -ENOENT ? 0 : r;
}
