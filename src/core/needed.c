/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "needed.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "dynamic.h"

/* Longer names are no soname that anybody uses; they match nothing. */
#define NAME_SIZE 256

struct member {
	struct image *image;
	const char *base;		/* the last component of its path */
	uint64_t strings;		/* DT_STRTAB, as an address */
	char soname[NAME_SIZE];		/* "" if it has none */
	bool permanent;			/* DF_1_NODELETE */
	bool reached;
};

struct closure {
	const struct memory *m;
	struct member *members;
	size_t count;
	const struct member *reader;	/* whose needs are being read */
	bool more;			/* a member was reached whose needs are still to be read */
};

/*
 * glibc has made an address of the offset in the file on most machines; musl, and glibc
 * where the section is not writable, leave it.
 */
static uint64_t address_of(const struct image *image, uint64_t value)
{
	return value >= image->start && value < image->end ? value : image->bias + value;
}

static int note_strings(void *context, int64_t tag, uint64_t value)
{
	struct member *member = context;

	if (tag == DT_STRTAB)
		member->strings = address_of(member->image, value);
	else if (tag == DT_FLAGS_1)
		member->permanent = value & DF_1_NODELETE;
	return 0;
}

struct naming {
	const struct memory *m;
	struct member *member;
};

static int note_soname(void *context, int64_t tag, uint64_t value)
{
	struct naming *n = context;

	if (tag == DT_SONAME && n->member->strings &&
	    memory_read_string(n->m, n->member->strings + value, n->member->soname,
			       NAME_SIZE) < 0)
		n->member->soname[0] = '\0';
	return 0;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Every image once; NULL when the arena is full. */
static struct member *collect(const struct regions *regions, struct arena *arena,
			      const struct memory *m, size_t *ret_count)
{
	struct member *members;
	size_t count = 0;

	for (size_t i = 0; i < regions->count; i++)
		count += regions->items[i].image &&
			 regions->items[i].start == regions->items[i].image->start;
	members = arena_alloc(arena, (count + 1) * sizeof(*members));
	*ret_count = count;
	for (size_t i = 0; members && i < regions->count; i++) {
		struct image *image = regions->items[i].image;
		struct member *member;

		if (!image || regions->items[i].start != image->start)
			continue;
		member = &members[--count];
		member->image = image;
		member->base = last_component(image->path);
		dynamic_each(m, image, note_strings, member);
		dynamic_each(m, image, note_soname, &(struct naming){ m, member });
	}
	return members;
}

static void reach(struct closure *c, struct member *member)
{
	c->more = c->more || !member->reached;
	member->reached = true;
}

static int reach_needed(void *context, int64_t tag, uint64_t value)
{
	struct closure *c = context;
	char name[NAME_SIZE];
	const char *base;

	if ((tag != DT_NEEDED && tag != DT_AUXILIARY && tag != DT_FILTER) ||
	    memory_read_string(c->m, c->reader->strings + value, name, sizeof(name)) < 0)
		return 0;
	base = last_component(name);
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->members[i].soname, base) == 0 ||
		    strcmp(c->members[i].base, base) == 0)
			reach(c, &c->members[i]);
	return 0;
}

/* Is it in LD_PRELOAD?  That may name "libx.so", a link to what maps shows as "libx.so.1.2". */
static bool is_preloaded(const struct member *member, const char *list)
{
	while (list && *list) {
		size_t len = strcspn(list, " :");
		const char *name = list;

		for (size_t i = 0; i < len; i++)
			if (list[i] == '/')
				name = list + i + 1;
		if (name < list + len &&
		    (strncmp(member->base, name, (size_t)(list + len - name)) == 0 ||
		     strncmp(member->soname, name, (size_t)(list + len - name)) == 0))
			return true;
		list += len;
		list += *list != '\0';
	}
	return false;
}

/* Each round reads the needs of what the one before has reached; so many are enough. */
static void walk(struct closure *c)
{
	for (size_t round = 0; c->more && round <= c->count; round++) {
		c->more = false;
		for (size_t i = 0; i < c->count; i++) {
			c->reader = &c->members[i];
			if (c->reader->reached && c->reader->strings)
				dynamic_each(c->m, c->reader->image, reach_needed, c);
		}
	}
}

int needed_mark(const struct regions *regions, struct arena *arena, const struct memory *m,
		 const struct needed_roots *roots)
{
	struct closure c = { .m = m };
	bool known = false;

	c.members = collect(regions, arena, m, &c.count);
	if (!c.members)
		return ARENA_FULL;
	for (size_t i = 0; i < c.count; i++) {
		struct member *member = &c.members[i];
		const struct image *image = member->image;

		known = known || image->is_exe;
		if (image->is_exe || member->permanent ||
		    (roots->loader && image->start == roots->loader) ||
		    is_preloaded(member, roots->preloaded))
			reach(&c, member);
	}
	walk(&c);
	for (size_t i = 0; known && i < c.count; i++)
		c.members[i].image->dlopened = !c.members[i].reached;
	return 0;
}
