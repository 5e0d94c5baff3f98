/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "region.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "load-state.h"

const char *const region_class_names[CLASS_COUNT] = {
	[CLASS_TEXT]   = "text",
	[CLASS_RODATA] = "rodata",
	[CLASS_RELRO]  = "relro",
	[CLASS_DATA]   = "data",
	[CLASS_STACK]  = "stack",
	[CLASS_HEAP]   = "heap",
	[CLASS_VDSO]   = "vdso",
	[CLASS_ANON]   = "anon",
	[CLASS_FILE]   = "file",
	[CLASS_SHM]    = "shm",
};

const char *const region_blocker_reasons[BLOCKER_COUNT] = {
	[BLOCKER_RELRO_WRITABLE] = "RELRO is still writable",
	[BLOCKER_RELOCATING]     = "writable against its ELF headers, perhaps being relocated",
	[BLOCKER_LOADING]        = "the object is still being loaded",
	[BLOCKER_NO_VMA]         = "not a mapping of the process",
};

static bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/*
 * Shared memory shows as a file of the kernel's own tmpfs, or of the one in
 * /dev/shm, or by the name that prctl(2), PR_SET_VMA_ANON_NAME gave it.
 */
static bool is_shared_memory(const struct vma *vma)
{
	static const char *const prefixes[] = {
		"/dev/zero (deleted)", "/SYSV", "/memfd:", "/dev/shm/", "/anon_hugepage",
		"[anon_shmem:",
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (starts_with(vma->name, prefixes[i]))
			return true;
	return false;
}

/* The class of a VMA that belongs to no ELF object. */
static enum region_class class_of_vma(const struct vma *vma)
{
	bool shared = vma->perms & VMA_SHARED;

	if (vma->inode != 0 || vma->name[0] == '/') {
		if (shared)
			return is_shared_memory(vma) ? CLASS_SHM : CLASS_FILE;
		return starts_with(vma->name, "/anon_hugepage") ? CLASS_ANON : CLASS_FILE;
	}
	if (strcmp(vma->name, "[stack]") == 0)
		return CLASS_STACK;
	if (strcmp(vma->name, "[heap]") == 0)
		return CLASS_HEAP;
	if (strcmp(vma->name, "[vsyscall]") == 0)
		return CLASS_NONE;
	/* "[anon:NAME]": prctl(2), PR_SET_VMA_ANON_NAME */
	if (vma->name[0] == '\0' || starts_with(vma->name, "[anon"))
		return shared ? CLASS_SHM : CLASS_ANON;
	/* "[stack:TID]" of kernels before 4.5 is a thread's stack, from mmap(2) */
	if (starts_with(vma->name, "[stack:"))
		return CLASS_ANON;
	/* [vdso], [vvar], [vvar_vclock], [uprobes], ...: install_special_mapping() */
	return CLASS_VDSO;
}

static const char *object_path(struct arena *arena, const struct vma *vma)
{
	size_t len = vma_path_length(vma);

	return vma->name[len] ? arena_strndup(arena, vma->name, len) : vma->name;
}

static void nearer(uint64_t *next, uint64_t pos, uint64_t boundary)
{
	if (boundary > pos && boundary < *next)
		*next = boundary;
}

/* Where, after POS and before LIMIT, the class may change inside IMAGE. */
static uint64_t next_boundary(const struct image *image, uint64_t pos, uint64_t limit)
{
	const struct segment *segment = segment_above(image, pos);
	uint64_t next = limit;

	nearer(&next, pos, image->relro_start);
	nearer(&next, pos, image->relro_end);
	if (segment) {
		nearer(&next, pos, segment->start);
		nearer(&next, pos, segment->end);
	}
	return next;
}

/* Class and blocker of the piece of VMA that begins at R->start, inside IMAGE. */
static void classify_in_image(struct image *image, struct region *r)
{
	const struct segment *segment = segment_at(image, r->start);
	bool writable = r->vma->perms & VMA_WRITE;
	bool in_relro = r->start >= image->relro_start && r->start < image->relro_end;

	r->image = image;
	/* the gap between two segments goes with the object: nothing may land there */
	r->class = CLASS_RODATA;
	r->blocker = image->loading ? BLOCKER_LOADING : BLOCKER_NONE;
	if (!segment)
		return;
	if (in_relro) {
		r->class = CLASS_RELRO;
		if (writable)
			r->blocker = BLOCKER_RELRO_WRITABLE;
	} else if (segment->flags & PF_X) {
		r->class = CLASS_TEXT;
	} else if (segment->flags & PF_W) {
		r->class = CLASS_DATA;
	}
	if (!in_relro && !(segment->flags & PF_W) && writable)
		r->blocker = BLOCKER_RELOCATING;
}

/* Does VMA, at POS, belong to IMAGE: its file, or memory that its bss or a remap has put there? */
static bool belongs(const struct image *image, const struct vma *vma, uint64_t pos)
{
	if (pos >= image->end || (vma->perms & VMA_SHARED))
		return false;
	if (vma_same_file(vma, image->header))
		return true;
	return vma->inode == 0 && segment_at(image, pos) &&
	       (vma->name[0] == '\0' || starts_with(vma->name, "[anon:") ||
		strcmp(vma->name, "[heap]") == 0);
}

static int append_region(struct regions *regions, struct arena *arena, struct region r)
{
	struct region *items = arena_make_room(arena, regions->items, regions->count,
					       &regions->capacity, sizeof(*items));

	if (!items)
		return ARENA_FULL;
	regions->items = items;
	regions->items[regions->count++] = r;
	return 0;
}

/* Cut VMA where its class changes, and append the pieces. */
static int append_vma(struct regions *regions, struct arena *arena, const struct vma *vma,
		      struct image *image)
{
	for (uint64_t pos = vma->start; pos < vma->end; ) {
		struct region r = { .start = pos, .end = vma->end, .vma = vma };
		int error;

		if (image)
			r.end = next_boundary(image, pos, vma->end);
		if (image && belongs(image, vma, pos)) {
			classify_in_image(image, &r);
		} else {
			r.class = class_of_vma(vma);
			r.blocker = r.class == CLASS_NONE ? BLOCKER_NO_VMA : BLOCKER_NONE;
		}
		error = append_region(regions, arena, r);
		if (error < 0)
			return error;
		pos = r.end;
	}
	return 0;
}

/* Does code of the file of VMA begin with it, or with the mapping behind it? */
static bool leads_to_code(const struct maps *maps, const struct vma *vma)
{
	const struct vma *next = vma + 1 < maps->vmas + maps->count ? vma + 1 : vma;

	return ((vma->perms | next->perms) & VMA_EXEC) && vma_same_file(vma, next);
}

/* What regions_build() works on. */
struct build {
	struct arena *arena;
	const struct maps *maps;
	const struct memory *memory;
	uint64_t exe_phdr;
	size_t headers_left;	/* program headers that may still be read */
	struct image *image;	/* around the VMA at hand, or NULL */
};

/*
 * If an ELF object begins with VMA, it becomes the image of B, with the former one around
 * it.  Only private mappings of files qualify: loaders make no others.
 */
static int enter_image(struct build *b, const struct vma *vma)
{
	struct image *found;
	enum load_state state;
	int r;

	if (vma->inode == 0 || (vma->perms & VMA_SHARED) || !(vma->perms & VMA_READ))
		return 0;
	r = elf_image_read(b->memory, vma->start, b->arena, &b->headers_left, &found);
	/* a page that is not there: the file may have become shorter than its mapping */
	if (r == -ENOEXEC || (r == -EFAULT && !leads_to_code(b->maps, vma)))
		return 0;
	if (r < 0)
		return r;
	found->header = vma;
	state = load_state_of(found, b->maps);
	if (state == LOAD_NONE)
		return 0;
	found->loading = state == LOAD_UNDERWAY;
	found->path = object_path(b->arena, vma);
	if (!found->path)
		return ARENA_FULL;
	found->outer = b->image;
	found->is_exe = segment_at(found, b->exe_phdr) != NULL;
	b->image = found;
	return 0;
}

int regions_build(struct regions *ret, struct arena *arena, const struct maps *maps,
		  const struct memory *m, uint64_t exe_phdr)
{
	struct regions regions = { 0 };
	struct build b = {
		.arena = arena, .maps = maps, .memory = m, .exe_phdr = exe_phdr,
		.headers_left = REGION_HEADERS_MAX,
	};

	for (size_t i = 0; i < maps->count; i++) {
		const struct vma *vma = &maps->vmas[i];
		int r = 0;

		while (b.image && vma->start >= b.image->end)
			b.image = b.image->outer;
		if (!b.image || !belongs(b.image, vma, vma->start))
			r = enter_image(&b, vma);
		if (r == 0)
			r = append_vma(&regions, arena, vma, b.image);
		if (r < 0)
			return r;
	}
	*ret = regions;
	return 0;
}

bool regions_know_exe(const struct regions *regions)
{
	for (size_t i = 0; i < regions->count; i++)
		if (regions->items[i].image && regions->items[i].image->is_exe)
			return true;
	return false;
}

void regions_copy_dlopened(struct regions *to, const struct regions *from)
{
	for (size_t i = 0, j = 0; i < to->count; i++) {
		struct image *image = to->items[i].image, *old;

		if (!image || image->start != to->items[i].start)
			continue;
		while (j < from->count && from->items[j].start < image->start)
			j++;
		old = j < from->count ? from->items[j].image : NULL;
		if (old && old->start == image->start && strcmp(old->path, image->path) == 0) {
			image->dlopened = old->dlopened;
			image->traits = old->traits;
		}
	}
}

const char *region_object(const struct region *region)
{
	return region->image ? region->image->path : region->vma->name;
}
