/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MAPS_FROM_LOADER_H
#define MSEALCTL_MAPS_FROM_LOADER_H

#include <stdbool.h>

#include "arena.h"
#include "maps.h"
#include "select.h"

/*
 * Make the rows that /proc/self/maps has for ELF objects from the program headers that the
 * loader knows, dl_iterate_phdr(3), where /proc is not mounted.  RELRO has to be read-only
 * already.  Other memory is left out.  Returns 0 or ARENA_FULL.
 */
int maps_from_loader(struct maps *ret, struct arena *arena);

/* Insert a row by its address: the loader's list is in another order.  Returns 0 or ARENA_FULL. */
int maps_insert(struct maps *maps, struct arena *arena, struct vma row);

/* Does SELECTION select nothing but parts of ELF objects? */
bool maps_from_loader_suffice(const struct selection *selection);

#endif
