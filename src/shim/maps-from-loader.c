/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "maps-from-loader.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#include "page.h"

#define ELF_CLASSES (1u << CLASS_TEXT | 1u << CLASS_RODATA | 1u << CLASS_RELRO | \
		     1u << CLASS_DATA)

struct collection {
	struct maps maps;
	struct arena *arena;
	uint64_t objects;	/* so far; stands in for the inode, which is not known */
};

struct range {
	uint64_t start, end;
};

static bool contains(struct range r, uint64_t addr)
{
	return addr >= r.start && addr < r.end;
}

int maps_insert(struct maps *maps, struct arena *arena, struct vma row)
{
	size_t at = maps->count;

	if (maps_make_room(maps, arena) < 0)
		return ARENA_FULL;
	for (; at > 0 && maps->vmas[at - 1].start > row.start; at--)
		maps->vmas[at] = maps->vmas[at - 1];
	maps->vmas[at] = row;
	maps->count++;
	return 0;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Add the rows of one PT_LOAD: it is cut where RELRO and the file end. */
static int add_segment(struct collection *c, const struct dl_phdr_info *info,
		       const ElfW(Phdr) *p, struct range relro, const char *name)
{
	uint64_t first = info->dlpi_addr + p->p_vaddr, start = page_down(first);
	uint64_t file_end = p->p_filesz > 0 ? page_up(first + p->p_filesz) : start;
	uint64_t end = page_up(first + p->p_memsz);
	unsigned perms = (p->p_flags & PF_R ? VMA_READ : 0u) |
			 (p->p_flags & PF_W ? VMA_WRITE : 0u) |
			 (p->p_flags & PF_X ? VMA_EXEC : 0u);

	for (uint64_t pos = start, next; pos < end; pos = next) {
		bool in_file = pos < file_end;
		int r;

		next = lower(end, in_file ? file_end : end);
		if (contains(relro, pos))
			next = lower(next, relro.end);
		else if (relro.start > pos)
			next = lower(next, relro.start);
		r = maps_insert(&c->maps, c->arena, (struct vma){
			.start = pos, .end = next,
			.offset = in_file ? page_down(p->p_offset) + (pos - start) : 0,
			.inode = in_file ? c->objects : 0,
			.perms = contains(relro, pos) ? perms & ~(unsigned)VMA_WRITE : perms,
			.name = in_file ? name : "",
		});
		if (r < 0)
			return r;
	}
	return 0;
}

/* As set_relro() in core/elf-image.c. */
static struct range relro_of(const struct dl_phdr_info *info)
{
	struct range relro = { 0, 0 };

	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_GNU_RELRO)
			continue;
		relro.start = page_down(info->dlpi_addr + p->p_vaddr);
		relro.end = page_down(info->dlpi_addr + p->p_vaddr + p->p_memsz);
	}
	return relro;
}

static int add_object(struct dl_phdr_info *info, size_t size, void *context)
{
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
	struct collection *c = context;
	struct range relro = relro_of(info);
	/* the main program has no name in that list */
	const char *name = info->dlpi_name && info->dlpi_name[0] ?
		info->dlpi_name : (const char *)getauxval(AT_EXECFN);

	(void)size;
	/* the vdso is no file */
	if (vdso && page_down((uint64_t)(uintptr_t)info->dlpi_phdr) == vdso)
		return 0;
	c->objects++;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		int r = 0;

		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			r = add_segment(c, info, &info->dlpi_phdr[i], relro, name ? name : "");
		if (r < 0)
			return r;
	}
	return 0;
}

int maps_from_loader(struct maps *ret, struct arena *arena)
{
	struct collection c = { .arena = arena };
	int r = dl_iterate_phdr(add_object, &c);

	if (r == 0)
		*ret = c.maps;
	return r;
}

bool maps_from_loader_suffice(const struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++) {
		const struct term *term = &selection->terms[i];

		if (term->kind != TERM_CLASS || (term->classes & ~ELF_CLASSES))
			return false;
	}
	return true;
}
