/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_DYNAMIC_H
#define MSEALCTL_DYNAMIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf-image.h"
#include "memory.h"

/* One entry of a dynamic section, elf(5): a DT_ tag and its value. */
struct dynamic_entry {
	int64_t tag;
	uint64_t value;
};

/*
 * Entry INDEX of the dynamic section of IMAGE, as it is in memory M.  Returns 0,
 * -ENOENT behind the last entry, or the error of the read.
 */
int dynamic_entry_read(const struct memory *m, const struct image *image, size_t index,
		       struct dynamic_entry *ret);

/*
 * Will the loader (or the start-up code, if there is none) write to segments that are
 * not writable: DT_TEXTREL?  What cannot be read is taken to say yes.
 */
bool dynamic_has_text_relocations(const struct memory *m, const struct image *image);

#endif
