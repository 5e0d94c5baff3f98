/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_DYNAMIC_H
#define MSEALCTL_DYNAMIC_H

#include <stdbool.h>
#include <stdint.h>

#include "elf-image.h"
#include "memory.h"

/* Called with a DT_ tag and its value, elf(5); any return but 0 ends the walk. */
typedef int dynamic_fn(void *context, int64_t tag, uint64_t value);

/* How many entries of a section are read; a thousand would be many. */
#define DYNAMIC_MAX 65536

/*
 * Call FN for each entry of the dynamic section of IMAGE, as it is in memory M.
 * Returns 0, what FN returned, -E2BIG after DYNAMIC_MAX entries, or the error of the read.
 */
int dynamic_each(const struct memory *m, const struct image *image, dynamic_fn *fn,
		 void *context);

/* What one entry says, enum dynamic_trait bits. */
unsigned dynamic_traits_of(int64_t tag, uint64_t value);

/*
 * Will the loader (or the start-up code, if there is none) write to segments that are
 * not writable (DT_TEXTREL)?  Also true if that cannot be read.
 */
bool dynamic_has_text_relocations(const struct memory *m, const struct image *image);

#endif
