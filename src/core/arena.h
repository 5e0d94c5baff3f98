/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ARENA_H
#define MSEALCTL_ARENA_H

#include <stddef.h>

/*
 * A bump allocator over one private anonymous mapping.
 *
 * The core runs inside other people's programs (the shim), before their
 * constructors, so it must not call malloc(); and the memory that it uses
 * there shows up in the very maps it reads.  One mapping with a known range
 * solves both: nothing is shared with the program's allocator, and the plan
 * can leave exactly that range out.  Pages are touched only when used, so a
 * generous size costs address space alone.
 */
struct arena {
	char *base;
	size_t size;		/* bytes mapped, whole pages */
	size_t used;		/* bytes handed out */
	size_t last;		/* offset of the latest block: it can grow in place */
};

#define ARENA_INIT { .base = NULL }

/*
 * Map SIZE bytes (rounded up to pages).  Returns 0 or -errno of mmap(2).
 */
int arena_map(struct arena *a, size_t size);

/* Unmap everything; harmless on an arena that was never mapped. */
void arena_unmap(struct arena *a);

/*
 * SIZE zeroed bytes aligned for any object, or NULL when the arena is full:
 * the caller then starts over with a larger one (ARENA_FULL).
 */
void *arena_alloc(struct arena *a, size_t size);

/*
 * Grow BLOCK (NULL, or from this arena) from OLD to NEW bytes; the new part is
 * zero.  In place when BLOCK is the latest one.  NULL when the arena is full;
 * BLOCK is then still valid.
 */
void *arena_grow(struct arena *a, void *block, size_t old, size_t new);

/*
 * Make room for one more item.  ITEMS (NULL, or from this arena) holds COUNT items of SIZE
 * bytes and has room for *CAPACITY.  Returns where the items are now, or NULL when the
 * arena is full, with nothing changed.
 */
void *arena_make_room(struct arena *a, void *items, size_t count, size_t *capacity,
		      size_t size);

/* A copy of LEN bytes at S with a terminating NUL, or NULL when full. */
char *arena_strndup(struct arena *a, const char *s, size_t len);

/* What core functions return when the arena they were given is too small. */
#define ARENA_FULL (-ENOBUFS)

#endif
