/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "load-state.h"

#include <elf.h>

/* What is found where a segment should be. */
enum finding {
	FOUND_NOTHING,		/* or what proves nothing, such as memory in place of the file */
	FOUND_SEGMENT,
	FOUND_OTHER,		/* the file, but not as this segment has it */
};

static bool is_of_file(const struct image *image, const struct vma *vma)
{
	return vma && vma_same_file(vma, image->header) && !(vma->perms & VMA_SHARED);
}

/* Does RELRO, which ends up read-only, cover what the file gives to SEGMENT? */
static bool is_all_relro(const struct image *image, const struct segment *segment)
{
	return image->relro_start <= segment->start && image->relro_end >= segment->file_end;
}

/* The first byte of SEGMENT that is mapped from the file and keeps the flags of SEGMENT. */
static uint64_t first_lasting(const struct image *image, const struct segment *segment)
{
	if ((segment->flags & PF_W) && segment->start >= image->relro_start &&
	    segment->start < image->relro_end && !is_all_relro(image, segment))
		return image->relro_end;
	return segment->start;
}

/*
 * Text is not executable while a loader writes its relocations, and a program may make a
 * part of its data read-only.
 */
static bool perms_fit(const struct image *image, const struct segment *segment,
		      const struct vma *vma)
{
	if (segment->flags & PF_X)
		return (vma->perms & VMA_EXEC) ||
		       ((vma->perms & VMA_WRITE) && vma->start == segment->start);
	if (segment->flags & PF_W)
		return (vma->perms & VMA_WRITE) || is_all_relro(image, segment) ||
		       vma->end < segment->file_end;
	return true;
}

static enum finding find_segment(const struct image *image, const struct maps *maps,
				 const struct segment *segment)
{
	uint64_t addr = first_lasting(image, segment);
	const struct vma *vma;

	if (segment->file_end > segment->start) {
		vma = maps_at(maps, addr);
		if (!vma)
			return FOUND_NOTHING;
		if (!is_of_file(image, vma))
			return vma->inode == 0 && (segment->flags & PF_X) &&
			       (vma->perms & VMA_EXEC) ? FOUND_SEGMENT : FOUND_NOTHING;
		if (vma->offset + (addr - vma->start) !=
		    segment->offset + (addr - segment->start) ||
		    !perms_fit(image, segment, vma))
			return FOUND_OTHER;
	}
	/* the bss is memory: the file is there only as long as nothing is mapped over it */
	if (segment->end > segment->file_end &&
	    is_of_file(image, maps_at(maps, segment->file_end)))
		return FOUND_OTHER;
	return segment->file_end > segment->start ? FOUND_SEGMENT : FOUND_NOTHING;
}

enum load_state load_state_of(const struct image *image, const struct maps *maps)
{
	const struct vma *last = maps_at(maps, image->end - 1);
	size_t found = 0, other = 0, beyond_first = 0;

	for (size_t i = 0; i < image->count; i++) {
		const struct segment *segment = &image->segments[i];
		enum finding finding = find_segment(image, maps, segment);

		found += finding == FOUND_SEGMENT && i > 0;
		other += finding == FOUND_OTHER;
		beyond_first += segment->file_end > segment->start && i > 0;
	}
	if (other > 0)
		return is_of_file(image, last) && last->end == image->end ? LOAD_UNDERWAY :
									    LOAD_NONE;
	return beyond_first > 0 && found == 0 ? LOAD_NONE : LOAD_COMPLETE;
}
