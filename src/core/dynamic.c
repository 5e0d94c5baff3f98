/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "dynamic.h"

#include <elf.h>
#include <errno.h>

/* Entries read at once: more than most objects have. */
#define PIECE 64

static int read_entries(const struct memory *m, const struct image *image, uint64_t index,
			size_t count, Elf64_Dyn ret[PIECE])
{
	Elf32_Dyn entries32[PIECE];
	int r;

	if (image->is_64)
		return m->read(m, image->dynamic_start + index * sizeof(*ret), ret,
			       count * sizeof(*ret));
	r = m->read(m, image->dynamic_start + index * sizeof(*entries32), entries32,
		    count * sizeof(*entries32));
	for (size_t i = 0; r == 0 && i < count; i++)
		ret[i] = (Elf64_Dyn){ entries32[i].d_tag, { entries32[i].d_un.d_val } };
	return r;
}

int dynamic_each(const struct memory *m, const struct image *image, dynamic_fn *fn,
		 void *context)
{
	size_t size = image->is_64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t all = (image->dynamic_end - image->dynamic_start) / size;
	uint64_t left = all < DYNAMIC_MAX ? all : DYNAMIC_MAX;
	Elf64_Dyn entries[PIECE];

	for (uint64_t index = 0; left > 0; index += PIECE) {
		size_t count = left < PIECE ? left : PIECE;
		int r = read_entries(m, image, index, count, entries);

		for (size_t i = 0; r == 0 && i < count; i++) {
			if (entries[i].d_tag == DT_NULL)
				return 0;
			r = fn(context, entries[i].d_tag, entries[i].d_un.d_val);
		}
		if (r != 0)
			return r;
		left -= count;
	}
	return all > DYNAMIC_MAX ? -E2BIG : 0;
}

unsigned dynamic_traits_of(int64_t tag, uint64_t value)
{
	unsigned traits = 0;

	if (tag == DT_TEXTREL || (tag == DT_FLAGS && (value & DF_TEXTREL)))
		traits |= DYNAMIC_TEXTREL;
	if (tag == DT_BIND_NOW || (tag == DT_FLAGS && (value & DF_BIND_NOW)) ||
	    (tag == DT_FLAGS_1 && (value & DF_1_NOW)))
		traits |= DYNAMIC_BIND_NOW;
	if (tag == DT_JMPREL)
		traits |= DYNAMIC_PLT;
	return traits;
}

static int is_text_relocation(void *context, int64_t tag, uint64_t value)
{
	(void)context;
	return dynamic_traits_of(tag, value) & DYNAMIC_TEXTREL;
}

bool dynamic_has_text_relocations(const struct memory *m, const struct image *image)
{
	return dynamic_each(m, image, is_text_relocation, NULL) != 0;
}
