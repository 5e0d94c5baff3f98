/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "survey.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "auxv.h"
#include "cleanup.h"
#include "needed.h"
#include "process.h"
#include "remote-memory.h"

/* Address space for the first try: pages count only once they are used, but for ulimit -v, -d. */
#define ARENA_FIRST ((size_t)64 << 20)
#define ARENA_LIMITED ((size_t)1 << 20)

static size_t first_size(void)
{
	return process_memory_limited() ? ARENA_LIMITED : ARENA_FIRST;
}

static int read_rows(struct maps *maps, struct arena *arena, pid_t pid, pid_t tid,
		     const char *file)
{
	cleanup_fd int fd = process_open(pid, tid, file);
	int r;

	/* read() would say the same of a process that has just exited */
	if (fd < 0)
		return fd;
	r = maps_read(maps, arena, fd);
	if (r < 0)
		return r;
	return maps->count > 0 ? 0 : -ENODATA;
}

/* Enough for every environment but an absurd one, and that is cut. */
#define ENVIRONMENT_SIZE ((size_t)128 << 10)

/* LD_PRELOAD as the process was started with it, or NULL; in the arena. */
static const char *preload_of(struct arena *arena, pid_t pid, pid_t tid)
{
	static const char name[] = "LD_PRELOAD=";
	cleanup_fd int fd = process_open(pid, tid, "environ");
	char *text = fd >= 0 ? arena_alloc(arena, ENVIRONMENT_SIZE) : NULL;
	size_t fill = 0;
	ssize_t n;

	/* the last byte stays zero */
	while (text && (n = read(fd, text + fill, ENVIRONMENT_SIZE - 1 - fill)) > 0)
		fill += (size_t)n;
	for (char *s = text; s && s < text + fill; s += strlen(s) + 1)
		if (strncmp(s, name, sizeof(name) - 1) == 0)
			return s + sizeof(name) - 1;
	return NULL;
}

static int mark_dlopened(const struct survey *s, struct arena *arena, pid_t pid, pid_t tid)
{
	struct memory memory = remote_memory(tid);
	struct auxv auxv = { .base = 0 };
	struct needed_roots roots;

	auxv_read(tid, &auxv);
	roots = (struct needed_roots){
		.loader = auxv.base,
		.preloaded = preload_of(arena, pid, tid),
	};
	return needed_mark(&s->regions, arena, &memory, &roots);
}

static int read_all(struct survey *s, pid_t pid, pid_t tid, unsigned parts)
{
	struct memory memory = remote_memory(tid);
	struct auxv auxv = { .phdr = 0 };
	int r = read_rows(&s->maps, &s->arena, pid, tid, parts & SURVEY_SMAPS ? "smaps" : "maps");

	if (r < 0)
		return r;
	/* without it no object is the main program */
	auxv_read(tid, &auxv);
	r = regions_build(&s->regions, &s->arena, &s->maps, &memory, auxv.phdr);
	if (r < 0 || !(parts & SURVEY_DLOPENED))
		return r;
	return mark_dlopened(s, &s->arena, pid, tid);
}

int survey_read(struct survey *ret, pid_t pid, pid_t tid, unsigned parts)
{
	for (size_t size = first_size(); ; size *= 4) {
		struct survey s = { .arena = ARENA_INIT };
		int r = arena_map(&s.arena, size);

		if (r == 0)
			r = read_all(&s, pid, tid, parts);
		if (r == 0) {
			*ret = s;
			return 0;
		}
		survey_free(&s);
		if (r != ARENA_FULL)
			return r;
	}
}

int survey_process(struct survey *ret, pid_t pid, unsigned parts, struct process *ret_process)
{
	pid_t tid = process_find_reader(pid, ret_process);

	return tid < 0 ? tid : survey_read(ret, pid, tid, parts);
}

int survey_mark_dlopened(const struct survey *survey, pid_t pid, pid_t tid)
{
	for (size_t size = first_size(); ; size *= 4) {
		struct arena arena = ARENA_INIT;
		int r = arena_map(&arena, size);

		if (r == 0)
			r = mark_dlopened(survey, &arena, pid, tid);
		arena_unmap(&arena);
		if (r != ARENA_FULL)
			return r;
	}
}

void survey_free(struct survey *survey)
{
	arena_unmap(&survey->arena);
}

int survey_read_seals(struct maps *ret, struct arena *arena, pid_t pid, pid_t tid)
{
	for (size_t size = first_size(); ; size *= 4) {
		struct maps maps = { 0 };
		int r = arena_map(arena, size);

		if (r == 0)
			r = read_rows(&maps, arena, pid, tid, "smaps");
		if (r == 0) {
			*ret = maps;
			return 0;
		}
		arena_unmap(arena);
		if (r != ARENA_FULL)
			return r;
	}
}
