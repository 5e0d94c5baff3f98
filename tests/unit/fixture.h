/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FIXTURE_H
#define MSEALCTL_FIXTURE_H

/* Maps to test with: from text in the test, or recorded in tests/fixtures. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "maps.h"

/* An arena with the maps that were read into it. */
struct world {
	struct arena arena;
	struct maps maps;
};

#define WORLD_ARENA ((size_t)16 << 20)

static inline void world_open(struct world *w)
{
	*w = (struct world){ .arena = ARENA_INIT };
	if (arena_map(&w->arena, WORLD_ARENA) < 0) {
		printf("Bail out! no memory\n");
		exit(1);
	}
}

static inline void world_close(struct world *w)
{
	arena_unmap(&w->arena);
}

/* Read TEXT into a new world; the result of maps_append(). */
static inline int world_parse(struct world *w, const char *text)
{
	world_open(w);
	return maps_append(&w->maps, &w->arena, text, strlen(text));
}

/* tests/fixtures/NAME, open for reading; without it there is nothing to test. */
static inline int fixture_open(const char *name)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/tests/fixtures/%s", top ? top : ".", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

/* Read a fixture into a new world; the result of maps_read(). */
static inline int world_load(struct world *w, const char *name)
{
	int fd = fixture_open(name), r;

	world_open(w);
	r = maps_read(&w->maps, &w->arena, fd);
	close(fd);
	return r;
}

/* The row that begins at START, or NULL. */
static inline struct vma *world_row(const struct world *w, uint64_t start)
{
	for (size_t i = 0; i < w->maps.count; i++)
		if (w->maps.vmas[i].start == start)
			return &w->maps.vmas[i];
	return NULL;
}

#endif
