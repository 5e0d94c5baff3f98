/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_OBJECT_ROWS_H
#define MSEALCTL_OBJECT_ROWS_H

#include "arena.h"
#include "maps.h"

/* Room for the name of a file. */
#define OBJECT_ROWS_NAME_SIZE 4096

/*
 * Add to MAPS the rows of the object whose first one begins at START, with its bss, in the
 * process that FD, an open /proc/PID/maps, is of.  NAME has OBJECT_ROWS_NAME_SIZE bytes.
 * To read the rows of a whole program takes fifty times as long.
 *
 * Returns 0; ARENA_FULL; -ENOENT if no row begins there; or what ioctl(2) fails with: -ENOTTY
 * before Linux 6.11.
 */
int object_rows_add(struct maps *maps, struct arena *arena, int fd, uint64_t start, char *name);

#endif
