/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The parser of maps and smaps.
 *
 * Input: the text.  It is read in one piece and in two, and into an arena that
 * is too small.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "maps.h"
#include "mseal.h"

/* Room for whatever SIZE bytes can hold: a row takes 20 of them at least. */
#define ARENA(size) (((size_t)128 << 10) + 64 * (size))

struct reading {
	char *buf;
	struct arena arena;
	struct maps maps;
	int result;
};

static void start(struct reading *r, size_t size)
{
	*r = (struct reading){ .buf = calloc(1, size) };
	must(r->buf);
	r->arena = (struct arena){ .base = r->buf, .size = size };
}

static void append(struct reading *r, const uint8_t *data, size_t size)
{
	if (r->result == 0)
		r->result = maps_append(&r->maps, &r->arena, (const char *)data, size);
}

static void check_rows(const struct reading *r)
{
	const struct maps *maps = &r->maps;

	must(r->result == 0 || r->result == -EBADMSG || r->result == ARENA_FULL);
	must(maps->count <= maps->capacity);
	must(r->arena.used <= r->arena.size);
	for (size_t i = 0; i < maps->count; i++) {
		const struct vma *v = &maps->vmas[i];

		must(v->start < v->end);
		must(i == 0 || maps->vmas[i - 1].end <= v->start);
		must(!strchr(v->name, '\n'));
		must(v->seal == SEAL_UNKNOWN || v->seal == SEAL_NONE || v->seal == SEAL_SEALED);
		must((v->types & ~(unsigned)SEAL_ALL) == 0);
	}
}

static void check_same(const struct reading *a, const struct reading *b)
{
	must(a->result == b->result && a->maps.count == b->maps.count);
	for (size_t i = 0; i < a->maps.count; i++) {
		const struct vma *x = &a->maps.vmas[i], *y = &b->maps.vmas[i];

		must(x->start == y->start && x->end == y->end && x->perms == y->perms);
		must(x->seal == y->seal && x->types == y->types && x->inode == y->inode);
		must(strcmp(x->name, y->name) == 0);
	}
}

/* A row's seal is its own; two rows are sealed if both are and nothing lies between. */
static void check_seals(const struct maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct vma *v = &maps->vmas[i], *next = v + 1;
		unsigned types = 0;

		must(maps_seal_of(maps, v->start, v->end, NULL) == v->seal);
		if (i + 1 == maps->count)
			continue;
		if (maps_seal_of(maps, v->start, next->end, &types) == SEAL_SEALED) {
			must(v->seal == SEAL_SEALED && next->seal == SEAL_SEALED);
			must(v->end == next->start && types == (v->types & next->types));
		}
	}
}

/* Where the second piece begins: behind a line near the middle. */
static size_t middle(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size > 1 ? memchr(data + size / 2, '\n', size - size / 2) : NULL;

	return newline ? (size_t)(newline - data) + 1 : size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading whole, parts, small;
	size_t cut = middle(data, size);

	start(&whole, ARENA(size));
	append(&whole, data, size);
	check_rows(&whole);
	must(whole.result != ARENA_FULL);
	check_seals(&whole.maps);

	start(&parts, ARENA(size));
	append(&parts, data, cut);
	append(&parts, data + cut, size - cut);
	check_same(&whole, &parts);

	start(&small, whole.arena.used / 2 + 1);
	append(&small, data, size);
	check_rows(&small);
	must(small.result != 0 || whole.maps.count == 0);

	free(whole.buf);
	free(parts.buf);
	free(small.buf);
	return 0;
}
