/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FAKE_PROCESS_H
#define MSEALCTL_FAKE_PROCESS_H

/* A process that does not exist: rows of maps, ELF images in its memory, its regions. */

#include <inttypes.h>

#include "elf-maker.h"
#include "fixture.h"
#include "region.h"

/* An object of which the process has the first page at ADDR. */
struct object {
	uint64_t addr;
	const struct elf_spec *spec;
};

#define OBJECTS 4

struct fake_process {
	struct world world;
	struct fake_memory memory;
	struct regions regions;
	int result;		/* of regions_build() */
};

static inline void process_start(struct fake_process *p, const char *maps,
				 const struct object *objects, uint64_t exe_phdr)
{
	*p = (struct fake_process){ .memory.memory.read = fake_read };
	if (world_parse(&p->world, maps) < 0) {
		printf("Bail out! the test's own maps are malformed:\n%s\n", maps);
		exit(1);
	}
	for (size_t i = 0; objects && i < OBJECTS && objects[i].spec; i++)
		fake_elf(&p->memory, objects[i].addr, objects[i].spec);
	p->result = regions_build(&p->regions, &p->world.arena, &p->world.maps,
				  &p->memory.memory, exe_phdr);
}

static inline void process_end(struct fake_process *p)
{
	fake_free(&p->memory);
	world_close(&p->world);
}

static inline const char *class_name(enum region_class class)
{
	return class == CLASS_NONE ? "-" : region_class_names[class];
}

static inline const char *blocker_name(enum region_blocker blocker)
{
	static const char *const names[BLOCKER_COUNT] = {
		[BLOCKER_NONE] = "", [BLOCKER_RELRO_WRITABLE] = " writable-relro",
		[BLOCKER_RELOCATING] = " relocating", [BLOCKER_LOADING] = " loading",
		[BLOCKER_NO_VMA] = " no-vma",
	};

	return names[blocker];
}

/* Is B, the region behind A, of the same row and the same in every word of a report? */
static inline bool region_goes_on(const struct region *a, const struct region *b)
{
	return a->vma == b->vma && a->class == b->class && a->blocker == b->blocker &&
	       a->image == b->image;
}

/*
 * "START-END CLASS[ HOLD]\n" for each region, in a buffer that the next call
 * reuses.  Regions that differ in nothing are one line.
 */
static inline const char *regions_text(const struct regions *regions)
{
	static char text[8192];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < regions->count && at < sizeof(text) - 100; i++) {
		const struct region *r = &regions->items[i];
		uint64_t start = r->start;

		while (i + 1 < regions->count && region_goes_on(r, &regions->items[i + 1]))
			r = &regions->items[++i];
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%" PRIx64 "-%" PRIx64 " %s%s\n", start, r->end,
				       class_name(r->class), blocker_name(r->blocker));
	}
	return text;
}

/*
 * How many regions break the promise that they tile the rows exactly, each in
 * one row, none of them empty, with an image around them if they name one.
 */
static inline size_t regions_torn(const struct regions *regions, const struct maps *maps)
{
	size_t torn = 0, row = 0;
	uint64_t pos = maps->count > 0 ? maps->vmas[0].start : 0;

	for (size_t i = 0; i < regions->count; i++) {
		const struct region *r = &regions->items[i];

		if (row == maps->count)
			return torn + 1;
		torn += r->vma != &maps->vmas[row] || r->start != pos || r->end <= r->start ||
			r->end > r->vma->end;
		torn += r->image && (r->start < r->image->start || r->end > r->image->end);
		torn += r->class >= CLASS_COUNT || r->blocker >= BLOCKER_COUNT;
		pos = r->end;
		if (pos >= maps->vmas[row].end && ++row < maps->count)
			pos = maps->vmas[row].start;
	}
	return torn + (row != maps->count);
}

#endif
