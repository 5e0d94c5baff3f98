/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model.h"

/* A mapping of smaps that begins or ends in an area. */
struct row {
	unsigned long start, end;
	int prot;
	/* from "Seals:", and from "sl" */
	unsigned long seals;
	bool sl;
};

struct area areas[AREAS];
size_t page_size;

static struct row rows[AREAS * AREA_PAGES + 64];
static size_t row_count;

size_t mapped_in(struct range r)
{
	size_t n = 0;

	for (size_t i = 0; i < r.count; i++)
		n += page_of(r, i)->mapped;
	return n;
}

bool sealed_in(struct range r, unsigned seals)
{
	for (size_t i = 0; i < r.count; i++)
		if (page_of(r, i)->mapped && (page_of(r, i)->seals & seals))
			return true;
	return false;
}

void set_pages(struct range r, const struct page *page)
{
	for (size_t i = 0; i < r.count; i++)
		*page_of(r, i) = page ? *page : (struct page){ .mapped = false };
}

static const struct row *row_at(unsigned long address)
{
	for (size_t i = 0; i < row_count; i++)
		if (address >= rows[i].start && address < rows[i].end)
			return &rows[i];
	return NULL;
}

size_t left_in_mapping(struct range r)
{
	unsigned long start = (unsigned long)start_of(r);
	const struct row *row = row_at(start);

	return row ? (row->end - start) / page_size : 0;
}

/*
 * All of smaps, in memory that is no part of what is tried: malloc() would take it from
 * the heap.
 */
static char *read_smaps(void)
{
	static char text[1 << 20];
	int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return NULL;
	while ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	close(fd);
	text[used] = '\0';
	return n == 0 ? text : NULL;
}

/* The header of a mapping, or one of the lines that follow. */
static void take_line(const char *line)
{
	struct row *last = row_count > 0 ? &rows[row_count - 1] : NULL;
	unsigned long start, end;
	char perms[5];

	if (sscanf(line, "%lx-%lx %4s", &start, &end, perms) == 3) {
		if (row_count == sizeof(rows) / sizeof(rows[0]))
			abort();
		rows[row_count++] = (struct row){
			.start = start, .end = end,
			.prot = (perms[0] == 'r' ? PROT_READ : 0) |
				(perms[1] == 'w' ? PROT_WRITE : 0),
		};
	} else if (last && strncmp(line, "Seals:", 6) == 0) {
		last->seals = strtoul(line + 6, NULL, 10);
	} else if (last && strncmp(line, "VmFlags:", 8) == 0) {
		last->sl = strstr(line, " sl ") != NULL;
	}
}

static bool differs(const char *what, const char *address, unsigned long is, unsigned long want)
{
	if (is == want)
		return false;
	printf("# %p: %s: %#lx in smaps, %#lx expected\n", (const void *)address, what, is, want);
	return true;
}

static bool compare_page(struct range r, bool missing)
{
	const struct row *row = row_at((unsigned long)start_of(r));
	const struct page *page = page_of(r, 0);

	if (!row && missing)
		return true;
	if (differs("mapped", start_of(r), row != NULL, page->mapped))
		return false;
	return !row || !(differs("permissions", start_of(r), row->prot, page->prot) ||
			 differs("seals", start_of(r), row->seals, page->seals) ||
			 differs("sl", start_of(r), row->sl, page->seals != 0));
}

bool compare_smaps(bool missing)
{
	char *line, *text = read_smaps();

	if (!text) {
		printf("# cannot read smaps\n");
		return false;
	}
	row_count = 0;
	while ((line = strsep(&text, "\n")) && *line)
		take_line(line);
	for (struct range r = { areas, 0, 1 }; r.area < areas + AREAS; r.area++)
		for (r.first = 0; r.first < AREA_PAGES; r.first++)
			if (!compare_page(r, missing))
				return false;
	return true;
}

bool compare_contents(size_t from, size_t step)
{
	/* not by a pointer: it may be unreadable, and the kernel does not mind */
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	for (struct range r = { areas, 0, 1 }; r.area < areas + AREAS; r.area++) {
		for (r.first = from; r.first < AREA_PAGES; r.first += step) {
			const struct page *page = page_of(r, 0);
			unsigned char byte;

			if (!page->mapped || page->content == UNKNOWN)
				continue;
			if (pread(fd, &byte, 1, (off_t)(unsigned long)start_of(r)) != 1) {
				printf("# %p: cannot be read\n", (void *)start_of(r));
				return false;
			}
			if (differs("content", start_of(r), byte, page->content))
				return false;
		}
	}
	return true;
}
