/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_INIT_HOOK_H
#define MSEALCTL_INIT_HOOK_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The moment at which the loader has finished with the objects of a dlopen(3), and none
 * of their own code has run, is that of their first initializer.  No auditing event marks
 * it: LA_ACT_CONSISTENT comes before relocation up to glibc 2.40, and since 2.41 for
 * loads that fail as well.  So the first initializer of an object, as its dynamic section
 * names it (DT_INIT, else DT_INIT_ARRAY: elf(5)), is made one of ours until then.
 */
struct initializer;

/* So many can be waited for at once. */
#define INITIALIZERS_MAX 1024

/* To be called once.  Returns 0 or -errno. */
int initializer_start(void);

bool initializer_has_room(void);

/*
 * Have REACHED called when MAP, mapped but not relocated, is initialized, and then what
 * it has of initializers itself.  Returns NULL if it has none, or its dynamic section
 * cannot be written to.
 */
struct initializer *initializer_divert(const struct link_map *map, void (*reached)(void));

/* Where in memory this was done: one entry of the dynamic section, or two. */
void initializer_places(const struct initializer *initializer, uint64_t ret[2]);

/*
 * Undo it.  It may be called while the initializer runs.  LOCKED: the memory is read-only
 * now, and shall be.  Returns 0, -errno if all is still as it was, or -ENOTRECOVERABLE if
 * the memory has stayed writable, and initializer_lock() is to be tried.
 */
int initializer_restore(struct initializer *initializer, bool locked);

/* Make the memory read-only.  Returns 0 or -errno. */
int initializer_lock(const struct initializer *initializer);

/* MAP goes away. */
void initializer_forget(struct initializer *initializer);

#endif
