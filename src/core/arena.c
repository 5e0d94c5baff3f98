/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arena.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "page.h"

#define BLOCK_ALIGN 16

int arena_map(struct arena *a, size_t size)
{
	size_t mapped = page_up(size);
	void *p;

	/* page_up() wraps around */
	if (mapped < size || mapped == 0)
		return -ENOMEM;
	p = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	*a = (struct arena){ .base = p, .size = mapped };
	return 0;
}

void arena_unmap(struct arena *a)
{
	if (a->base)
		munmap(a->base, a->size);
	*a = (struct arena)ARENA_INIT;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t start = (a->used + BLOCK_ALIGN - 1) & ~(size_t)(BLOCK_ALIGN - 1);

	if (start > a->size || size > a->size - start)
		return NULL;
	a->last = start;
	a->used = start + size;
	return a->base + start;
}

void *arena_grow(struct arena *a, void *block, size_t old, size_t new)
{
	void *p;

	if (block && (char *)block == a->base + a->last) {
		if (new > a->size - a->last)
			return NULL;
		a->used = a->last + new;
		return block;
	}
	p = arena_alloc(a, new);
	if (p && block)
		memcpy(p, block, old);
	return p;
}

void *arena_make_room(struct arena *a, void *items, size_t count, size_t *capacity,
		      size_t size)
{
	size_t more = *capacity > 0 ? 2 * *capacity : 64;
	void *grown;

	if (count < *capacity)
		return items;
	grown = arena_grow(a, items, *capacity * size, more * size);
	if (grown)
		*capacity = more;
	return grown;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		return NULL;
	p = arena_alloc(a, len + 1);
	if (p) {
		memcpy(p, s, len);
		p[len] = '\0';
	}
	return p;
}
