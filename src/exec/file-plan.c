/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "file-plan.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"
#include "dynamic.h"
#include "page.h"

#define ARENA_SIZE (16 << 20)
/* Where an ET_DYN is placed: anywhere but at 0, between two pages of any size. */
#define BASE 0x555555550000u

/* A file as the memory of the process that it becomes; pages behind its end have zeroes. */
struct placed {
	struct memory memory;
	int fd;
	uint64_t base;
	struct elf_headers headers;
	uint64_t relro_start, relro_end;
	struct vma file;		/* what the rows of maps have in common */
};

static uint64_t offset_at(const struct placed *p, uint64_t addr)
{
	for (size_t i = 0; i < p->headers.count; i++) {
		const Elf64_Phdr *h = &p->headers.phdrs[i];
		uint64_t start = p->base + page_down(h->p_vaddr);

		if (h->p_type == PT_LOAD && addr >= start &&
		    addr < p->base + h->p_vaddr + h->p_filesz)
			return page_down(h->p_offset) + (addr - start);
	}
	/* as the headers themselves are read before it is placed */
	return p->headers.count == 0 ? addr : UINT64_MAX;
}

static int placed_read(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	const struct placed *p = (const struct placed *)m;
	uint64_t offset = offset_at(p, addr);
	ssize_t n = offset > INT64_MAX ? 0 : pread(p->fd, buf, len, (off_t)offset);

	if (n < 0)
		return -errno;
	memset((char *)buf + n, 0, len - (size_t)n);
	return 0;
}

/* Add [START, END) of the file from OFFSET on, or of zeroes if FILE is NULL. */
static int add_row(struct maps *maps, struct arena *arena, const struct vma *file,
		   const struct vma *row)
{
	struct vma vma = { .name = "" };

	if (row->start == row->end)
		return 0;
	if (row->end < row->start ||
	    (maps->count > 0 && row->start < maps->vmas[maps->count - 1].end))
		return -ENOEXEC;
	if (maps_make_room(maps, arena) < 0)
		return ARENA_FULL;
	if (file)
		vma = *file;
	vma.start = row->start;
	vma.end = row->end;
	vma.offset = row->offset;
	vma.perms = row->perms;
	vma.seal = SEAL_NONE;
	maps->vmas[maps->count++] = vma;
	return 0;
}

static unsigned perms_of(uint32_t flags)
{
	return (flags & PF_R ? VMA_READ : 0) | (flags & PF_W ? VMA_WRITE : 0) |
	       (flags & PF_X ? VMA_EXEC : 0);
}

/* What is mapped for one PT_LOAD: up to, in and behind the RELRO, and its zeroed memory. */
static int add_segment(const struct placed *p, struct maps *maps, struct arena *arena,
		       const Elf64_Phdr *h)
{
	uint64_t start = p->base + page_down(h->p_vaddr);
	uint64_t file_end = h->p_filesz > 0 ? page_up(p->base + h->p_vaddr + h->p_filesz) : start;
	uint64_t end = page_up(p->base + h->p_vaddr + h->p_memsz), offset = page_down(h->p_offset);
	uint64_t cuts[] = { start, p->relro_start, p->relro_end, file_end };
	int r = 0;

	for (size_t i = 1; i < 3; i++)
		cuts[i] = cuts[i] < cuts[i - 1] ? cuts[i - 1] :
			  cuts[i] > file_end ? file_end : cuts[i];
	for (size_t i = 0; r == 0 && i < 3; i++)
		r = add_row(maps, arena, &p->file, &(struct vma){
			.start = cuts[i], .end = cuts[i + 1], .offset = offset + (cuts[i] - start),
			.perms = perms_of(h->p_flags) & (i == 1 ? ~(unsigned)VMA_WRITE : ~0u),
		});
	return r < 0 || end <= file_end ? r : add_row(maps, arena, NULL, &(struct vma){
		.start = file_end, .end = end, .perms = perms_of(h->p_flags),
	});
}

static int place(struct placed *p, struct maps *maps, struct arena *arena,
		 struct file_plan *ret)
{
	int r = elf_headers_read(&p->memory, 0, arena, NULL, &p->headers);

	if (r < 0)
		return r;
	p->base = p->headers.type == ET_DYN ? BASE : 0;
	for (size_t i = 0; i < p->headers.count; i++) {
		const Elf64_Phdr *h = &p->headers.phdrs[i];

		if (h->p_type == PT_GNU_RELRO) {
			p->relro_start = p->base + page_down(h->p_vaddr);
			p->relro_end = p->base + page_down(h->p_vaddr + h->p_memsz);
		}
		/*
		 * As the kernel, read the first one, by its place in the file; ret->loader was
		 * all zeroes, so that the path has an end.
		 */
		if (h->p_type == PT_INTERP && h->p_filesz < sizeof(ret->loader) &&
		    !ret->loader[0] &&
		    pread(p->fd, ret->loader, h->p_filesz, (off_t)h->p_offset) < 0)
			r = -errno;
	}
	for (size_t i = 0; r == 0 && i < p->headers.count; i++)
		if (p->headers.phdrs[i].p_type == PT_LOAD)
			r = add_segment(p, maps, arena, &p->headers.phdrs[i]);
	return r;
}

struct dynamic_walk {
	const struct placed *placed;
	struct image *image;
	uint64_t strings;
	char *needed;			/* NULL while DT_STRTAB is looked for */
	size_t size;
};

static int note_entry(void *context, int64_t tag, uint64_t value)
{
	struct dynamic_walk *w = context;
	size_t used = w->needed ? strlen(w->needed) : 0;

	w->image->traits |= dynamic_traits_of(tag, value);
	if (tag == DT_STRTAB)
		w->strings = w->placed->base + value;
	if (tag != DT_NEEDED || !w->needed || used + 2 >= w->size)
		return 0;
	if (used > 0)
		w->needed[used++] = ' ';
	return memory_read_string(&w->placed->memory, w->strings + value, w->needed + used,
				  w->size - used);
}

/* What the dynamic section says of the object that the file is, in IMAGE and RET. */
static int read_dynamic(const struct placed *p, struct image *image, struct file_plan *ret)
{
	struct dynamic_walk walk = { .placed = p, .image = image };
	int r = dynamic_each(&p->memory, image, note_entry, &walk);

	walk.needed = ret->needed;
	walk.size = sizeof(ret->needed);
	if (r == 0)
		r = dynamic_each(&p->memory, image, note_entry, &walk);
	if (r == 0)
		image->traits |= DYNAMIC_READ;
	image->dlopened = DLOPENED_NO;
	return r;
}

int file_plan_make(struct file_plan *ret, const char *path, struct choice *choice,
		   unsigned types, bool is_exe)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct placed p = { .memory = { .read = placed_read }, .fd = fd };
	struct maps maps = { 0 };
	struct regions regions;
	struct stat st;
	int r;

	*ret = (struct file_plan){ .arena = ARENA_INIT };
	if (fd < 0 || fstat(fd, &st) != 0)
		return -errno;
	p.file = (struct vma){
		.inode = st.st_ino, .dev_major = major(st.st_dev), .dev_minor = minor(st.st_dev),
		.name = path,
	};
	r = arena_map(&ret->arena, ARENA_SIZE);
	if (r == 0)
		r = place(&p, &maps, &ret->arena, ret);
	if (r == 0 && maps.count == 0)
		r = -ENOEXEC;
	/* the program headers of a main program are in its first segment */
	if (r == 0)
		r = regions_build(&regions, &ret->arena, &maps, &p.memory,
				  is_exe ? maps.vmas[0].start : 0);
	/* exec refuses a program that is not recognised: startup_begin_program() */
	if (r == 0 && is_exe && !regions_know_exe(&regions))
		r = -ENOEXEC;
	if (r == 0 && regions.count > 0 && regions.items[0].image)
		r = read_dynamic(&p, regions.items[0].image, ret);
	return r < 0 ? r : choice_plan(choice, &ret->plan, &ret->arena, &regions, types);
}

void file_plan_free(struct file_plan *file)
{
	arena_unmap(&file->arena);
}
