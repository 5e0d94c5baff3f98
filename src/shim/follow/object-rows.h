/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_OBJECT_ROWS_H
#define MSEALCTL_OBJECT_ROWS_H

#include <link.h>
#include <stdbool.h>

#include "arena.h"
#include "maps.h"

/*
 * Read into RET the rows of /proc/self/maps that are of the COUNT objects, and what may be
 * their bss.  Other files are left out: reading one could take forever, as its server may be
 * gone, or be the program itself.
 *
 * ASK: with ioctl(2) for single rows, which Linux 6.11 knows, in a fiftieth of the time.
 * Returns 0, ARENA_FULL, or the -errno of reading them all.
 */
int object_rows_read(struct maps *ret, struct arena *arena, struct link_map *const *objects,
		     size_t count, bool ask);

#endif
