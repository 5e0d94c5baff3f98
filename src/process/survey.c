/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "survey.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "cleanup.h"
#include "needed.h"
#include "proc-file.h"
#include "process.h"
#include "remote-memory.h"
#include "worker.h"

/* Address space for the first try: pages count only once they are used, but for ulimit -v, -d. */
#define ARENA_FIRST ((size_t)64 << 20)
#define ARENA_LIMITED ((size_t)1 << 20)
#define ARENA_LARGEST ((size_t)1 << 30)

static size_t first_size(void)
{
	return process_memory_limited() ? ARENA_LIMITED : ARENA_FIRST;
}

/* How much of an arena is cleared for the next survey, rather than unmapped and mapped again. */
#define SPARE_USED_MAX ((size_t)1 << 20)

static struct arena spare;

static int take_arena(struct arena *ret, size_t size)
{
	if (spare.size != size)
		return arena_map(ret, size);
	*ret = spare;
	spare = (struct arena)ARENA_INIT;
	return 0;
}

static void return_arena(struct arena *arena)
{
	if (spare.base || !arena->base || arena->used > SPARE_USED_MAX) {
		arena_unmap(arena);
		return;
	}
	memset(arena->base, 0, arena->used);
	spare = (struct arena){ .base = arena->base, .size = arena->size };
	*arena = (struct arena)ARENA_INIT;
}

/* Has FD, an open maps or smaps, been read to its end, rather than to the end of the process? */
static int check_alive(int fd)
{
	char c;
	ssize_t n = pread(fd, &c, 1, 0);

	if (n < 0)
		return -errno;
	return n > 0 ? 0 : -ENODATA;
}

static int read_rows(struct maps *maps, struct arena *arena, pid_t pid, pid_t tid,
		     unsigned parts)
{
	cleanup_fd int fd = process_open(pid, tid, parts & SURVEY_SMAPS ? "smaps" : "maps");
	int r;

	/* read() would say the same of a process that has just exited */
	if (fd < 0)
		return fd;
	r = maps_read(maps, arena, fd);
	if (r == 0)
		r = maps->count > 0 ? check_alive(fd) : -ENODATA;
	for (size_t i = 0; r == 0 && (parts & SURVEY_SMAPS) && i < maps->count; i++)
		if (maps->vmas[i].seal == SEAL_UNKNOWN)
			r = -EBADMSG;
	return r;
}

/* The environment of a process may be this long; nothing is known of longer ones. */
#define ENVIRONMENT_MAX ((size_t)8 << 20)

/* All of the environment that the process was started with, as one string, in the arena. */
static int read_environment(struct arena *arena, pid_t pid, pid_t tid, char **ret, size_t *ret_len)
{
	cleanup_fd int fd = process_open(pid, tid, "environ");
	size_t size = 4096, fill = 0;
	char *text = fd >= 0 ? arena_alloc(arena, size) : NULL;
	ssize_t n;

	if (fd < 0)
		return fd;
	/* the last byte stays zero */
	while (text) {
		worker_begin_wait();
		n = read(fd, text + fill, size - 1 - fill);
		worker_end_wait();
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		fill += (size_t)n;
		if (fill < size - 1)
			continue;
		if (size == ENVIRONMENT_MAX)
			return -E2BIG;
		text = arena_grow(arena, text, size, 2 * size);
		size *= 2;
	}
	*ret = text;
	*ret_len = fill;
	return text ? 0 : ARENA_FULL;
}

/* The LD_PRELOAD that ld.so has used, the last of the name, or NULL; in the arena. */
static int read_preload(struct arena *arena, pid_t pid, pid_t tid, const char **ret)
{
	static const char name[] = "LD_PRELOAD=";
	size_t len = 0;
	char *text = NULL;
	int r = read_environment(arena, pid, tid, &text, &len);

	*ret = NULL;
	for (char *s = text; r == 0 && s < text + len; s += strlen(s) + 1)
		if (strncmp(s, name, sizeof(name) - 1) == 0)
			*ret = s + sizeof(name) - 1;
	return r;
}

/* What an error of needed_mark() means. */
static struct gap needed_gap(int error)
{
	if (error == -ENOEXEC)
		return (struct gap){ .source = "its main program is not recognised" };
	if (error == -E2BIG)
		return (struct gap){ .source = "its dynamic sections are too long" };
	return (struct gap){ .source = "its dynamic sections", .error = error };
}

/* Returns 0 or ARENA_FULL. */
static int mark_dlopened(struct survey *s, pid_t pid, pid_t tid)
{
	struct memory memory = remote_memory(tid);
	struct needed_roots roots = { .loader = s->auxv.base };
	int r;

	if (s->regions.exe_gap.source) {
		s->regions.dlopened_gap = s->regions.exe_gap;
		return 0;
	}
	r = read_preload(&s->arena, pid, tid, &roots.preloaded);
	if (r < 0 && r != ARENA_FULL) {
		s->regions.dlopened_gap = (struct gap){ "its environment", r };
		return 0;
	}
	if (r == 0)
		r = needed_mark(&s->regions, &s->arena, &memory, &roots);
	if (r < 0 && r != ARENA_FULL) {
		s->regions.dlopened_gap = needed_gap(r);
		return 0;
	}
	return r;
}

static int read_all(struct survey *s, pid_t pid, pid_t tid, unsigned parts)
{
	struct heads heads;
	int auxv_error, r;

	s->failed = "its maps";
	s->maps.rows = s->rows.base ? &s->rows : NULL;
	r = read_rows(&s->maps, &s->arena, pid, tid, parts);
	s->maps.rows = NULL;
	if (r < 0)
		return r;
	if (parts & SURVEY_ROWS)
		return 0;
	s->failed = "its memory";
	auxv_error = auxv_read(tid, &s->auxv);
	if (auxv_error && (parts & SURVEY_STARTING))
		return auxv_error;
	heads_init(&heads, tid, &s->maps, &s->arena);
	r = regions_build(&s->regions, &s->arena, &s->maps, &heads.memory, s->auxv.phdr);
	if (r < 0)
		return r;
	s->heads = heads.last;
	if (heads.rest_used || auxv_error)
		arena_unmap(&s->rows);
	if (auxv_error)
		s->regions.exe_gap = (struct gap){ "its auxiliary vector", auxv_error };
	if (parts & SURVEY_DLOPENED)
		return mark_dlopened(s, pid, tid);
	if (!(parts & SURVEY_STARTING))
		s->regions.dlopened_gap = (struct gap){ .source = "that was not looked at" };
	return 0;
}

/* What the worker is asked for. */
struct request {
	struct survey survey;
	pid_t pid, tid;
	unsigned parts;
};

static int serve_request(void *args)
{
	struct request *q = args;

	return read_all(&q->survey, q->pid, q->tid, q->parts);
}

/* A worker that was given up may still write there, so the addresses stay taken. */
static void abandon(struct arena *arena)
{
	if (!arena->base)
		return;
	madvise(arena->base, arena->size, MADV_DONTNEED);
	*arena = (struct arena)ARENA_INIT;
}

int survey_read(struct survey *ret, pid_t pid, pid_t tid, unsigned parts)
{
	for (size_t size = first_size(); size <= ARENA_LARGEST; size *= 4) {
		struct request q = {
			.survey.failed = "it", .pid = pid, .tid = tid, .parts = parts,
		};
		int r = take_arena(&q.survey.arena, size);
		struct arena arena = q.survey.arena, rows;

		/* without them, all is read again where they would be compared */
		if (r == 0 && (parts & SURVEY_KEEP))
			arena_map(&q.survey.rows, size);
		rows = q.survey.rows;
		if (r == 0)
			r = worker_call(serve_request, &q, sizeof(q));
		/* a plan has to fit as well */
		if (r == 0 && size < ARENA_LARGEST && q.survey.arena.used > size / 4 * 3)
			r = ARENA_FULL;
		if (r == 0) {
			*ret = q.survey;
			return 0;
		}
		ret->failed = q.survey.failed;
		if (r == -ETIMEDOUT) {
			abandon(&arena);
			abandon(&rows);
		} else {
			rows = q.survey.rows;
		}
		arena_unmap(&arena);
		arena_unmap(&rows);
		if (r != ARENA_FULL)
			return r;
	}
	return -EFBIG;
}

/* How often to try if it executes another program meanwhile, or if its threads come and go. */
#define TRIES 3
/* The same if that takes no time, as it is all but done with that. */
#define TRIES_MANY 32

int survey_process(struct survey *ret, pid_t pid, unsigned parts, struct process *ret_process)
{
	/* has it been seen to change its threads: the leader may be another one at each try */
	bool changes = false;

	for (int tries = 1; ; tries++) {
		pid_t tid = process_find_reader(pid, ret_process);
		int r = tid < 0 ? tid : survey_read(ret, pid, tid, parts);
		bool last;

		if (tid < 0) {
			ret->failed = "its maps";
			return r;
		}
		changes = changes || tid != pid;
		last = tries >= (changes ? TRIES_MANY : TRIES);
		/* the kernel sets it last */
		if (r == 0 && tries < TRIES_MANY &&
		    (ret->regions.exe_gap.error == -ENODATA ||
		     ret->regions.exe_gap.error == -ESRCH)) {
			survey_free(ret);
			continue;
		}
		if ((r != -ENODATA && r != -EFAULT && r != -ESRCH) || ret_process->kernel_thread)
			return r;
		/* of the thread that was to read it, not of the process */
		if (last)
			return !changes || r == -EFAULT ? r : -ESTALE;
	}
}

/* What the worker compares. */
struct comparison {
	const struct survey *survey;
	pid_t pid, tid;
};

static bool same_rows(const struct survey *s, pid_t pid, pid_t tid)
{
	cleanup_fd int fd = process_open(pid, tid, "maps");
	char buf[16 * 1024];
	size_t same = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if ((size_t)n > s->rows.used - same ||
		    memcmp(buf, s->rows.base + same, (size_t)n) != 0)
			return false;
		same += (size_t)n;
	}
	return n == 0 && same == s->rows.used;
}

static int compare(void *args)
{
	const struct comparison *c = args;
	const struct survey *s = c->survey;
	struct auxv auxv;

	return same_rows(s, c->pid, c->tid) && auxv_read(c->tid, &auxv) == 0 &&
	       auxv.phdr == s->auxv.phdr && heads_are_current(s->heads, c->tid);
}

bool survey_is_current(const struct survey *survey, pid_t pid, pid_t tid)
{
	struct comparison c = { .survey = survey, .pid = pid, .tid = tid };

	return survey->rows.used > 0 && worker_call(compare, &c, sizeof(c)) == 1;
}

int survey_share(struct survey *ret, const struct survey *from)
{
	*ret = (struct survey){ .maps = from->maps, .regions = from->regions };
	return take_arena(&ret->arena, first_size());
}

void survey_free(struct survey *survey)
{
	return_arena(&survey->arena);
	arena_unmap(&survey->rows);
}
