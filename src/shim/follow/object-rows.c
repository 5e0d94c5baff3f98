/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "object-rows.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "maps-from-loader.h"
#include "procmap-query.h"
#include "seal-self.h"

/* Room for the name of a file. */
#define NAME_SIZE 4096

/* of enum vma_perm, in .perms */
#define PERMS (VMA_READ | VMA_WRITE | VMA_EXEC | VMA_SHARED)

/* The row at ADDR, or the next; its name only if NAME is not NULL. */
static int ask(int fd, uint64_t addr, char *name, struct vma *ret)
{
	struct procmap_query q = {
		.size = sizeof(q), .flags = PROCMAP_QUERY_OR_NEXT, .addr = addr,
		.name_size = name ? NAME_SIZE : 0, .name = (uintptr_t)name,
	};

	if (syscall(SYS_ioctl, fd, PROCMAP_QUERY_IOCTL, &q) != 0)
		return -errno;
	*ret = (struct vma){
		.start = q.start, .end = q.end, .offset = q.offset, .inode = q.inode,
		.dev_major = q.dev_major, .dev_minor = q.dev_minor,
		.perms = q.perms & PERMS, .name = "",
	};
	return 0;
}

/* Add the rows of the object whose first one begins at START. */
static int add_object(struct maps *maps, struct arena *arena, int fd, uint64_t start, char *name)
{
	struct vma first, row;
	int r;

	name[0] = '\0';
	r = ask(fd, start, name, &first);
	if (r == 0 && first.start != start)
		r = -ENOENT;
	if (r < 0)
		return r;
	first.name = arena_strndup(arena, name, strlen(name));
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

static int ask_for_rows(struct maps *maps, struct arena *arena, struct link_map *const *objects,
			size_t count)
{
	char *name = arena_alloc(arena, NAME_SIZE);
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), r = fd < 0 ? -errno : 0;

	if (!name)
		r = ARENA_FULL;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_object(maps, arena, fd, objects[i]->l_addr, name);
	if (fd >= 0)
		close(fd);
	return r;
}

/* Keep the files in which the dynamic sections of the objects are, and anonymous memory. */
static int keep_files(struct maps *maps, struct arena *arena, struct link_map *const *objects,
		      size_t count)
{
	struct vma *dynamic = arena_alloc(arena, count * sizeof(*dynamic));
	size_t kept = 0;

	if (!dynamic)
		return ARENA_FULL;
	for (size_t i = 0; i < count; i++) {
		const struct vma *row = maps_at(maps, (uintptr_t)objects[i]->l_ld);

		dynamic[i] = row ? *row : (struct vma){ 0 };
	}
	for (size_t i = 0; i < maps->count; i++) {
		const struct vma row = maps->vmas[i];
		bool is_kept = row.inode == 0;

		for (size_t j = 0; j < count && !is_kept; j++)
			is_kept = vma_same_file(&row, &dynamic[j]);
		if (is_kept)
			maps->vmas[kept++] = row;
	}
	maps->count = kept;
	return 0;
}

int object_rows_read(struct maps *ret, struct arena *arena, struct link_map *const *objects,
		     size_t count, bool ask)
{
	int r = ask ? ask_for_rows(ret, arena, objects, count) : -ENOTTY;

	if (r == 0 || r == ARENA_FULL)
		return r;
	*ret = (struct maps){ 0 };
	r = seal_self_rows(ret, arena);
	return r < 0 ? r : keep_files(ret, arena, objects, count);
}
