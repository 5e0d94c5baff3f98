/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "needed.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "dynamic.h"
#include "path.h"

/* Longer names are no sonames in use; they are cut. */
#define NAME_SIZE 256

struct object {
	struct image *image;
	uint64_t strings;		/* DT_STRTAB, as an address */
	uint64_t soname;		/* DT_SONAME, in there; 0 if it has none */
	bool permanent;			/* DF_1_NODELETE */
	bool reached;
	bool first;			/* reached from the start of the program */
	struct object *next;		/* in the list of objects whose needs must still be read */
};

/* What an object is found by: the last component of its path, or its soname. */
struct name {
	const char *text;
	struct object *object;
	bool reached;			/* on the first of several equal names */
};

struct search {
	const struct memory *m;
	struct object *objects;
	size_t count;
	struct name *names;		/* ascending */
	size_t name_count;
	const struct object *reader;	/* whose needs are being read */
	struct object *reached;
	size_t entries;			/* read so far */
};

/*
 * glibc has made an address of the offset in the file on most machines; musl, and glibc
 * where the section is not writable, leave it.
 */
static uint64_t address_of(const struct image *image, uint64_t value)
{
	return value >= image->start && value < image->end ? value : image->bias + value;
}

static int note_entry(void *context, int64_t tag, uint64_t value)
{
	struct search *s = context;
	struct object *object = &s->objects[s->count];

	if (tag == DT_STRTAB)
		object->strings = address_of(object->image, value);
	else if (tag == DT_SONAME)
		object->soname = value;
	else if (tag == DT_FLAGS_1)
		object->permanent = value & DF_1_NODELETE;
	object->image->traits |= dynamic_traits_of(tag, value);
	return ++s->entries > NEEDED_ENTRIES_MAX ? -E2BIG : 0;
}

static int add_soname(struct search *s, struct object *object, struct arena *arena)
{
	char buf[NAME_SIZE];
	char *name;
	int r;

	if (!object->soname || !object->strings)
		return 0;
	r = memory_read_string(s->m, object->strings + object->soname, buf, sizeof(buf));
	if (r < 0)
		return r;
	name = arena_strndup(arena, buf, strlen(buf));
	if (!name)
		return ARENA_FULL;
	s->names[s->name_count++] = (struct name){ name, object, false };
	return 0;
}

static void swap(struct name *a, struct name *b)
{
	struct name c = *a;

	*a = *b;
	*b = c;
}

static void sift_down(struct name *names, size_t i, size_t count)
{
	for (size_t child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count && strcmp(names[child].text, names[child + 1].text) < 0)
			child++;
		if (strcmp(names[i].text, names[child].text) >= 0)
			return;
		swap(&names[i], &names[child]);
	}
}

/* A heap sort: qsort(3) may call malloc(3), which core does not. */
static void sort_names(struct name *names, size_t count)
{
	for (size_t i = count / 2; i-- > 0; )
		sift_down(names, i, count);
	while (count > 1) {
		swap(&names[0], &names[--count]);
		sift_down(names, 0, count);
	}
}

/* Every image once, and their names. */
static int collect(struct search *s, const struct regions *regions, struct arena *arena)
{
	size_t most = 0;

	for (size_t i = 0; i < regions->count; i++)
		most += regions->items[i].image &&
			regions->items[i].start == regions->items[i].image->start;
	s->objects = arena_alloc(arena, (most + 1) * sizeof(*s->objects));
	s->names = arena_alloc(arena, (2 * most + 1) * sizeof(*s->names));
	if (!s->objects || !s->names)
		return ARENA_FULL;
	for (size_t i = 0; i < regions->count; i++) {
		struct image *image = regions->items[i].image;
		struct object *object = &s->objects[s->count];
		int r;

		if (!image || regions->items[i].start != image->start)
			continue;
		object->image = image;
		r = dynamic_each(s->m, image, note_entry, s);
		if (r == 0)
			image->traits |= DYNAMIC_READ;
		if (r == 0)
			r = add_soname(s, object, arena);
		if (r < 0)
			return r;
		s->names[s->name_count++] = (struct name){ path_base(image->path), object,
							   false };
		s->count++;
	}
	sort_names(s->names, s->name_count);
	return 0;
}

static void reach(struct search *s, struct object *object)
{
	if (object->reached)
		return;
	object->reached = true;
	object->next = s->reached;
	s->reached = object;
}

/* Index of the first name that is not below TEXT. */
static size_t first_name(const struct search *s, const char *text)
{
	size_t low = 0, high = s->name_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(s->names[middle].text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int reach_needed(void *context, int64_t tag, uint64_t value)
{
	struct search *s = context;
	char buf[NAME_SIZE];
	const char *text;
	size_t i;
	int r;

	if (++s->entries > NEEDED_ENTRIES_MAX)
		return -E2BIG;
	if (tag != DT_NEEDED && tag != DT_AUXILIARY && tag != DT_FILTER)
		return 0;
	r = memory_read_string(s->m, s->reader->strings + value, buf, sizeof(buf));
	if (r < 0)
		return r;
	text = path_base(buf);
	i = first_name(s, text);
	if (i == s->name_count || s->names[i].reached)
		return 0;
	s->names[i].reached = strcmp(s->names[i].text, text) == 0;
	for (; i < s->name_count && strcmp(s->names[i].text, text) == 0; i++) {
		s->names[i].object->image->is_needed = true;
		reach(s, s->names[i].object);
	}
	return 0;
}

/* LD_PRELOAD may name "libx.so", a link to what maps shows as "libx.so.1.2". */
static int reach_preloaded(struct search *s, const char *list)
{
	for (size_t count = 0; list && *list; count++) {
		size_t len = strcspn(list, " :");
		const char *name = list;

		if (count == NEEDED_PRELOADED_MAX)
			return -E2BIG;
		for (size_t i = 0; i < len; i++)
			if (list[i] == '/')
				name = list + i + 1;
		len -= (size_t)(name - list);
		for (size_t i = 0; len > 0 && i < s->name_count; i++)
			if (strncmp(s->names[i].text, name, len) == 0)
				reach(s, s->names[i].object);
		list = name + len;
		list += strspn(list, " :");
	}
	return 0;
}

/* Read the needs of each object that is reached, and of those that this reaches. */
static int follow_needs(struct search *s)
{
	while (s->reached) {
		int r;

		s->reader = s->reached;
		s->reached = s->reached->next;
		r = dynamic_each(s->m, s->reader->image, reach_needed, s);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What the program starts with. */
static int reach_first(struct search *s, const struct needed_roots *roots)
{
	int r;

	for (size_t i = 0; i < s->count; i++) {
		const struct image *image = s->objects[i].image;

		if (image->is_exe || (roots->loader && image->start == roots->loader))
			reach(s, &s->objects[i]);
	}
	r = reach_preloaded(s, roots->preloaded);
	if (r == 0)
		r = follow_needs(s);
	for (size_t i = 0; i < s->count; i++)
		s->objects[i].first = s->objects[i].reached;
	return r;
}

static int reach_permanent(struct search *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->objects[i].permanent)
			reach(s, &s->objects[i]);
	return follow_needs(s);
}

static enum dlopened dlopened_of(const struct object *object)
{
	if (object->first)
		return DLOPENED_NO;
	return object->reached ? DLOPENED_STAYS : DLOPENED_YES;
}

int needed_mark(const struct regions *regions, struct arena *arena, const struct memory *m,
		const struct needed_roots *roots)
{
	struct search s = { .m = m };
	int r;

	if (!regions_know_exe(regions))
		return -ENOEXEC;
	r = collect(&s, regions, arena);
	if (r == 0)
		r = reach_first(&s, roots);
	if (r == 0)
		r = reach_permanent(&s);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s.count; i++)
		s.objects[i].image->dlopened = dlopened_of(&s.objects[i]);
	/* is_needed of the rest only chooses which object is named first: an error is no matter */
	for (size_t i = 0; i < s.count; i++)
		reach(&s, &s.objects[i]);
	(void)follow_needs(&s);
	return 0;
}
