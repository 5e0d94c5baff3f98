/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The bump allocator: limits, alignment, zeroed memory, growing in place. */
#include "arena.h"

#include <errno.h>
#include <stdlib.h>

#include "page.h"
#include "tap.h"

static bool is_zero(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

static void test_map(void)
{
	struct arena a = ARENA_INIT;

	is(arena_map(&a, 1), 0, "one byte can be mapped");
	is(a.size, page_size(), "the size is rounded up to a page");
	ok((uintptr_t)a.base % page_size() == 0, "the arena begins on a page");
	is(a.used, 0, "nothing is used at first");
	arena_unmap(&a);
	ok(a.base == NULL && a.size == 0, "an unmapped arena is empty");
	arena_unmap(&a);
	ok(a.base == NULL, "unmapping twice is harmless");

	is(arena_map(&a, SIZE_MAX), -ENOMEM, "a size that wraps when rounded is refused");
	/* that of s390x has half of all addresses */
	is(arena_map(&a, SIZE_MAX - page_size()), -ENOMEM, "more than an address space is refused");
	ok(a.base == NULL, "a refused arena stays empty");
}

static void test_alloc(void)
{
	struct arena a = ARENA_INIT;
	char *first, *second;

	is(arena_map(&a, page_size()), 0, "a page is mapped");
	first = arena_alloc(&a, 1);
	second = arena_alloc(&a, 3);
	ok(first && second, "two small blocks fit");
	ok((uintptr_t)first % 16 == 0 && (uintptr_t)second % 16 == 0,
	   "blocks are aligned for any object");
	ok(second >= first + 1, "blocks do not overlap");
	ok(is_zero(first, 1) && is_zero(second, 3), "blocks are zero");
	ok(arena_alloc(&a, page_size()) == NULL, "a block too large is refused");
	ok(arena_alloc(&a, SIZE_MAX) == NULL, "the largest size is refused");
	ok(arena_alloc(&a, SIZE_MAX - 40) == NULL, "a size that would wrap is refused");
	ok(arena_alloc(&a, a.size - 32) != NULL, "the rest is still there after a refusal");
	ok(arena_alloc(&a, 1) == NULL, "a full arena refuses one byte");
	arena_unmap(&a);
}

static void test_grow(void)
{
	struct arena a = ARENA_INIT;
	char *block, *other, *moved;

	is(arena_map(&a, page_size()), 0, "a page is mapped");
	block = arena_grow(&a, NULL, 0, 8);
	ok(block != NULL, "growing nothing allocates");
	memcpy(block, "12345678", 8);
	ok(arena_grow(&a, block, 8, 24) == block, "the latest block grows in place");
	ok(memcmp(block, "12345678", 8) == 0 && is_zero(block + 8, 16),
	   "it keeps its bytes and the new part is zero");
	other = arena_alloc(&a, 16);
	ok(other >= block + 24, "the next block lies behind the grown one");
	moved = arena_grow(&a, block, 24, 48);
	ok(moved != NULL && moved != block, "an older block moves");
	ok(memcmp(moved, "12345678", 8) == 0 && is_zero(moved + 8, 40),
	   "a moved block keeps its bytes and the new part is zero");
	ok(is_zero(other, 16), "the block between is untouched");

	ok(arena_grow(&a, moved, 48, page_size()) == NULL, "growing in place has a limit");
	ok(arena_grow(&a, other, 16, page_size()) == NULL, "so has moving");
	ok(memcmp(moved, "12345678", 8) == 0, "a refused block is still valid");
	ok(arena_grow(&a, moved, 48, a.size - a.last) == moved,
	   "a block can grow to the very end");
	arena_unmap(&a);
}

static void test_make_room(void)
{
	struct arena a = ARENA_INIT;
	size_t capacity = 0, count = 0;
	int *items = NULL, *grown;
	bool kept = true;

	is(arena_map(&a, page_size()), 0, "a page is mapped");
	while ((grown = arena_make_room(&a, items, count, &capacity, sizeof(*items)))) {
		items = grown;
		items[count] = (int)count;
		count++;
	}
	ok(count == capacity && count >= 64, "room is made until the arena is full");
	for (size_t i = 0; i < count; i++)
		kept = kept && items[i] == (int)i;
	ok(kept, "what was there stays, also when there is no room");
	ok(arena_make_room(&a, items, count - 1, &capacity, sizeof(*items)) == items,
	   "nothing moves where there is room");
	arena_unmap(&a);
}

static void test_strndup(void)
{
	struct arena a = ARENA_INIT;
	char *s;

	is(arena_map(&a, page_size()), 0, "a page is mapped");
	s = arena_strndup(&a, "sealed", 4);
	is_str(s, "seal", "a copy ends at the length given");
	is_str(arena_strndup(&a, "", 0), "", "an empty string can be copied");
	is_str(s, "seal", "the first copy is untouched");
	ok(arena_strndup(&a, "", SIZE_MAX) == NULL, "the largest length is refused");
	arena_unmap(&a);
}

/* The edge is exact at every size, which ASan watches over as well. */
static void test_every_size(void)
{
	unsigned wrong = 0;

	for (size_t size = 1; size < 200; size++) {
		char *buf = calloc(1, size);
		struct arena a = { .base = buf, .size = size };
		char *p;

		p = arena_alloc(&a, size);
		wrong += p != buf;
		if (p)
			memset(p, 1, size);
		wrong += arena_alloc(&a, 1) != NULL;
		a = (struct arena){ .base = buf, .size = size };
		wrong += arena_alloc(&a, size + 1) != NULL;
		wrong += arena_strndup(&a, "x", size) != NULL;
		free(buf);
	}
	is(wrong, 0, "an arena of any size holds exactly that many bytes");
}

int main(void)
{
	test_map();
	test_alloc();
	test_grow();
	test_make_room();
	test_strndup();
	test_every_size();
	return tap_done();
}
