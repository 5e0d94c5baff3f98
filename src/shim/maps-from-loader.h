/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MAPS_FROM_LOADER_H
#define MSEALCTL_MAPS_FROM_LOADER_H

#include <stdbool.h>

#include "arena.h"
#include "maps.h"
#include "select.h"

/*
 * The rows that /proc/self/maps would have for ELF objects, where /proc is not mounted:
 * from the program headers that the loader knows, dl_iterate_phdr(3).  Its work must be
 * done, so that RELRO is read-only.  Nothing is known of other memory.
 *
 * Returns 0 or ARENA_FULL.
 */
int loaded_rows(struct maps *ret, struct arena *arena);

/* Does SELECTION ask for nothing but parts of ELF objects? */
bool loaded_suffices(const struct selection *selection);

#endif
