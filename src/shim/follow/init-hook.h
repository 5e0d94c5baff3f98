/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_INIT_HOOK_H
#define MSEALCTL_INIT_HOOK_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A call before the first initializer of an object: its dynamic section (DT_INIT, else
 * DT_INIT_ARRAY: elf(5)) names a function of ours until then.  README has the reasons.
 */
struct init_hook;

/* How many there can be at a time. */
#define INIT_HOOKS_MAX 1024

enum init_hook_end {
	INIT_HOOK_REMOVED,
	INIT_HOOK_KEPT,		/* the dynamic section cannot be written to */
	INIT_HOOK_WRITABLE,	/* removed, but the memory has stayed writable */
};

/* To be called once.  Returns 0 or -errno. */
int init_hook_start(void);

bool init_hook_has_room(void);

/*
 * Have REACHED called before the initializers of MAP, which is mapped but not relocated.
 * Returns NULL if it has none, or its dynamic section cannot be written to.
 */
struct init_hook *init_hook_set(const struct link_map *map, void (*reached)(void));

/* The addresses of the changed entries of the dynamic section: one entry, or two. */
void init_hook_places(const struct init_hook *hook, uint64_t ret[2]);

/*
 * Write back what the dynamic section held; REACHED may do so.  LOCKED: the memory is
 * read-only now, and must be afterwards.  After INIT_HOOK_WRITABLE, try init_hook_lock()
 * and call init_hook_forget(); a hook that is kept works on.
 */
enum init_hook_end init_hook_remove(struct init_hook *hook, bool locked);

/* Make the memory read-only.  Returns 0 or -errno. */
int init_hook_lock(const struct init_hook *hook);

/* Free HOOK; the memory of its object is not touched. */
void init_hook_forget(struct init_hook *hook);

#endif
