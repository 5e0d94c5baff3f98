/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_KERNEL_MODEL_H
#define MSEALCTL_TESTS_KERNEL_MODEL_H

/*
 * What random.c knows of the memory on which it tries calls: two areas of pages, and
 * of each page whether it is mapped, how, with which seals, and what is in it.
 */

#include <stdbool.h>
#include <stddef.h>

enum { SEAL_SEAL = 1, SEAL_BASE = 2, SEAL_PROT_PKEY = 4, SEAL_DISCARD = 8, SEAL_ALL = 15 };

enum kind {
	/* private and anonymous: the one whose contents are known */
	PRIVATE,
	SHARED,
	/* System V shared memory, which is lost with its last mapping */
	ATTACHED,
	/* a private mapping of a file */
	OF_FILE,
};

/* what discards may have left, for one */
#define UNKNOWN (-1)

struct page {
	bool mapped;
	enum kind kind;
	/* PROT_READ and PROT_WRITE; whether it is executable does not matter here */
	int prot;
	unsigned seals;
	/* the first byte, of which UNKNOWN says nothing */
	int content;
};

#define AREA_PAGES 48

struct area {
	char *base;
	struct page pages[AREA_PAGES];
};

struct range {
	struct area *area;
	size_t first, count;
};

/* The one of mmap(), and the heap, from the break at our start. */
enum { MAPS, HEAP, AREAS };
extern struct area areas[AREAS];
extern size_t page_size;

static inline struct page *page_of(struct range r, size_t i)
{
	return &r.area->pages[r.first + i];
}

static inline char *start_of(struct range r)
{
	return r.area->base + r.first * page_size;
}

static inline size_t size_of(struct range r)
{
	return r.count * page_size;
}

/* Pages of the range that are mapped, or that have one of the seals. */
size_t mapped_in(struct range r);
bool sealed_in(struct range r, unsigned seals);

/* The range becomes pages as PAGE, or nothing if that is NULL. */
void set_pages(struct range r, const struct page *page);

/*
 * Pages from the start of the range to the end of the mapping that the last
 * compare_smaps() saw there; 0 if there is none.
 */
size_t left_in_mapping(struct range r);

/*
 * Compare the areas with /proc/self/smaps: mappings, permissions, seals.  Prints what
 * differs; returns whether all is the same.  In a child, mappings may be MISSING that
 * madvise() excepts from fork().
 */
bool compare_smaps(bool missing);

/* The same for contents, of every STEPth page from that with index FROM. */
bool compare_contents(size_t from, size_t step);

#endif
