/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "dynamic.h"

#include <elf.h>
#include <errno.h>

int dynamic_entry_read(const struct memory *m, const struct image *image, size_t index,
		       struct dynamic_entry *ret)
{
	size_t size = image->is_64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t addr = image->dynamic_start + index * size;
	struct dynamic_entry entry;
	int r;

	if (index >= (image->dynamic_end - image->dynamic_start) / size)
		return -ENOENT;
	if (image->is_64) {
		Elf64_Dyn d;

		r = m->read(m, addr, &d, sizeof(d));
		entry = (struct dynamic_entry){ d.d_tag, d.d_un.d_val };
	} else {
		Elf32_Dyn d;

		r = m->read(m, addr, &d, sizeof(d));
		entry = (struct dynamic_entry){ d.d_tag, d.d_un.d_val };
	}
	if (r < 0)
		return r;
	if (entry.tag == DT_NULL)
		return -ENOENT;
	*ret = entry;
	return 0;
}

bool dynamic_has_text_relocations(const struct memory *m, const struct image *image)
{
	struct dynamic_entry entry;
	int r;

	for (size_t i = 0; (r = dynamic_entry_read(m, image, i, &entry)) == 0; i++)
		if (entry.tag == DT_TEXTREL ||
		    (entry.tag == DT_FLAGS && (entry.value & DF_TEXTREL)))
			return true;
	return r != -ENOENT;
}
