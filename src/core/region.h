/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REGION_H
#define MSEALCTL_REGION_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "elf-image.h"
#include "maps.h"
#include "memory.h"

/* What a region is to the process; the words of --seal. */
enum region_class {
	CLASS_NONE,		/* [vsyscall]: not in the mm, cannot be sealed */
	CLASS_TEXT,
	CLASS_RODATA,
	CLASS_RELRO,
	CLASS_DATA,
	CLASS_STACK,
	CLASS_HEAP,
	CLASS_VDSO,
	CLASS_ANON,
	CLASS_FILE,
	CLASS_SHM,
	CLASS_COUNT,
};

/* Their names; NULL for CLASS_NONE. */
extern const char *const region_class_names[CLASS_COUNT];

/* Why a region must not be sealed now, even if it is selected. */
enum region_blocker {
	BLOCKER_NONE,
	BLOCKER_RELRO_WRITABLE,	/* the loader has not made it read-only yet */
	BLOCKER_RELOCATING,	/* writable against its headers: text relocations */
	BLOCKER_LOADING,		/* the loader is still mapping the object */
	BLOCKER_NO_VMA,		/* the kernel has no VMA for it */
	BLOCKER_COUNT,
};

/* One sentence each, for reports; NULL for BLOCKER_NONE. */
extern const char *const region_blocker_reasons[BLOCKER_COUNT];

/* A VMA, or the part of one that has one class. */
struct region {
	uint64_t start;
	uint64_t end;
	enum region_class class;
	enum region_blocker blocker;
	const struct vma *vma;
	struct image *image;	/* NULL outside ELF objects */
};

/* Why something is not known: SOURCE, and what reading that failed with. */
struct gap {
	const char *source;	/* NULL if there is no gap */
	int error;		/* -errno; 0 if SOURCE says it all */
};

struct regions {
	struct region *items;	/* ascending; together exactly the VMAs of the maps */
	size_t count;
	size_t capacity;
	struct gap exe_gap;	/* which image is the main program, */
	struct gap dlopened_gap;	/* and which were loaded after the start */
};

/* The most program headers that are read of a process: ten thousand objects have fewer. */
#define REGION_HEADERS_MAX ((size_t)1 << 17)

/*
 * Classify every VMA of MAPS.  M is the memory of the same process; EXE_PHDR
 * its AT_PHDR (getauxval(3)), which lies inside the main program, or 0.
 * MAPS must outlive RET.  Takes time for each VMA and program header, and for nothing else.
 *
 * Returns 0, ARENA_FULL, -E2BIG for more than REGION_HEADERS_MAX, or the error of a read.
 * Only where a page is missing (-EFAULT) and no code follows, the file is taken for a plain
 * file.
 */
int regions_build(struct regions *ret, struct arena *arena, const struct maps *maps,
		  const struct memory *m, uint64_t exe_phdr);

/* Copy to TO what needed_mark() has set in FROM, an earlier reading of the same process. */
void regions_copy_dlopened(struct regions *to, const struct regions *from);

/* Was the main program recognised as an ELF object?  If not, a plan leaves it out. */
bool regions_know_exe(const struct regions *regions);

/* The object's path, or else the name in maps; "" if it has none. */
const char *region_object(const struct region *region);

#endif
