/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MAPS_H
#define MSEALCTL_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum vma_perm {
	VMA_READ   = 1 << 0,
	VMA_WRITE  = 1 << 1,
	VMA_EXEC   = 1 << 2,
	VMA_SHARED = 1 << 3,
};

/* What smaps says of a VMA's seal; maps says nothing. */
enum seal_state {
	SEAL_UNKNOWN,		/* no VmFlags line was read for it */
	SEAL_NONE,
	SEAL_SEALED,		/* VmFlags has the word "sl" */
};

/* One row of /proc/PID/maps: what the kernel calls a VMA. */
struct vma {
	uint64_t start;		/* first byte */
	uint64_t end;		/* one past the last byte */
	uint64_t offset;	/* into the file, bytes */
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	unsigned perms;		/* enum vma_perm */
	enum seal_state seal;
	bool typed;		/* there was a "Seals:" line: the kernel knows seal types */
	unsigned types;		/* enum seal_type bits of that line; SEAL_ALL if there was none */
	const char *name;	/* as maps shows it, "" if it shows none; in the arena */
};

/* Start from { 0 }; freed with its arena. */
struct maps {
	struct vma *vmas;	/* ascending, not overlapping */
	size_t count;
	size_t capacity;
	struct arena *rows;	/* NULL, or for the text of the rows alone; unmapped when full */
};

/*
 * Append the rows in LEN bytes at TEXT, whole lines of /proc/PID/maps or smaps
 * (the last may lack its newline).
 *
 * smaps is maps with field lines between its rows, so one parser reads both:
 * a row starts with a lower-case hexadecimal digit, a field with a capital
 * letter.  A row that overlaps the one before it is cut: the kernel drops its
 * lock between two reads, and the VMA may have grown meanwhile.
 *
 * Returns 0, ARENA_FULL, or -EBADMSG for a line that no kernel writes.
 */
int maps_append(struct maps *maps, struct arena *arena, const char *text, size_t len);

/*
 * Append all of FD, an open /proc/PID/maps or smaps.
 * Returns 0, -errno of read(2), ARENA_FULL, or -EBADMSG as above or if the last line is cut.
 */
int maps_read(struct maps *maps, struct arena *arena, int fd);

/* The VMA at ADDR, or NULL. */
const struct vma *maps_at(const struct maps *maps, uint64_t addr);

/* Length of the name of VMA without " (deleted)", the mark of an unlinked file. */
size_t vma_path_length(const struct vma *vma);

/* Do both map the same file? */
bool vma_same_file(const struct vma *a, const struct vma *b);

/*
 * The seal of [START, END): SEALED only if every byte of it is mapped and
 * sealed, NONE if some VMA says it is not, UNKNOWN if smaps did not say or
 * part of it is no longer mapped.  *RET_TYPES (may be NULL) gets the types
 * that all of it has.
 */
enum seal_state maps_seal_of(const struct maps *maps, uint64_t start, uint64_t end,
			     unsigned *ret_types);

/* Make room for one more row in MAPS.  Returns 0 or ARENA_FULL. */
int maps_make_room(struct maps *maps, struct arena *arena);

#endif
