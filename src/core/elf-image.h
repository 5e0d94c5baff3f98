/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ELF_IMAGE_H
#define MSEALCTL_ELF_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "memory.h"

/*
 * The head of an image, read at once: the headers of nearly all objects.  It is part of the
 * first page, which can be read as a whole or not at all.
 */
#define ELF_HEAD_SIZE 1024

/* The headers of an ELF file, 64-bit or 32-bit. */
struct elf_headers {
	uint16_t type;		/* ET_EXEC or ET_DYN */
	uint16_t machine;	/* EM_X86_64, ... */
	bool is_64;
	bool has_sections;
	Elf64_Phdr *phdrs;	/* the whole table, in the arena; 32-bit ones are converted */
	size_t count;
	uint64_t phoff;		/* where it is, from the ELF header on */
};

/*
 * Read the ELF header at ADDR and the program headers.  All of it may be hostile: of
 * every value here, only the size of the table has been checked.  *LEFT (may be NULL) is
 * how many program headers may still be read of a process, and is counted down.
 *
 * Returns 0; -ENOEXEC if there is no ELF header, or one that no loader would take; -E2BIG
 * if there are more than *LEFT; ARENA_FULL; or the error of the read.
 */
int elf_headers_read(const struct memory *m, uint64_t addr, struct arena *arena,
		     size_t *left, struct elf_headers *ret);

/* A PT_LOAD where the loader has put it, in whole pages. */
struct segment {
	uint64_t start;
	uint64_t end;
	uint64_t file_end;	/* up to here it comes from the file, from here it is zeroes */
	uint64_t offset;	/* of start, in the file, bytes */
	uint32_t flags;		/* PF_R, PF_W, PF_X */
};

/* Was an object loaded after the program's start, and can it be unloaded?  See needed.h. */
enum dlopened {
	DLOPENED_UNKNOWN,
	DLOPENED_NO,
	DLOPENED_STAYS,		/* it was, and it can not */
	DLOPENED_YES,
};

/* What the dynamic section of an object says, bits. */
enum dynamic_trait {
	DYNAMIC_READ = 1 << 0,		/* it was read: what is not set is not so */
	DYNAMIC_BIND_NOW = 1 << 1,	/* no lazy binding: RELRO has all function pointers */
	DYNAMIC_PLT = 1 << 2,		/* functions are called through pointers (DT_JMPREL) */
	DYNAMIC_TEXTREL = 1 << 3,	/* its code is written to when it is relocated */
};

/* An ELF object in a process, as its own headers in memory describe it. */
struct image {
	uint64_t start;		/* of the ELF header, which is the first page */
	uint64_t end;		/* of the last segment */
	uint64_t relro_start;	/* PT_GNU_RELRO, its end rounded down to a page; */
	uint64_t relro_end;	/* an empty range if there is none */
	struct segment *segments;	/* ascending, not overlapping */
	size_t count;
	uint64_t bias;		/* what the loader added to every address in the file */
	uint64_t dynamic_start;	/* PT_DYNAMIC; an empty range if there is none, or if it */
	uint64_t dynamic_end;	/* is not within the segments */
	bool is_64;		/* the width of all its structures */
	bool is_guarded;	/* its loader may protect its code again, with PROT_BTI */
	/* the rest is the caller's to fill in */
	const char *path;	/* without " (deleted)" */
	const struct vma *header;	/* the row that holds the ELF header */
	struct image *outer;		/* the image in a hole of which this one lies */
	bool is_exe;		/* the main program */
	enum dlopened dlopened;
	bool is_needed;			/* by another object; known with the above */
	unsigned traits;		/* enum dynamic_trait bits; 0 if not known */
	bool loading;		/* its loader is at work: nothing of it may be sealed yet */
};

/*
 * Read the headers at ADDR, and lay out the segments as the loader does (elf(5); glibc,
 * elf/dl-load.c).  Nothing is believed that is not checked.  Returns as
 * elf_headers_read(), 0 with a new image in the arena.
 */
int elf_image_read(const struct memory *m, uint64_t addr, struct arena *arena,
		   size_t *left, struct image **ret);

/* Has IMAGE something writable, and no RELRO? */
bool image_lacks_relro(const struct image *image);

/* The first segment of IMAGE that ends above ADDR, or NULL. */
const struct segment *segment_above(const struct image *image, uint64_t addr);

/* The segment of IMAGE at ADDR, or NULL. */
const struct segment *segment_at(const struct image *image, uint64_t addr);

#endif
