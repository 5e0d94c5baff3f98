/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "elf-image.h"

#include <errno.h>
#include <string.h>

#include "page.h"

/* The kernel accepts no larger program header table: fs/binfmt_elf.c, load_elf_phdrs(). */
#define PHDRS_MAX 65536

union head {
	unsigned char bytes[ELF_HEAD_SIZE];
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;
};

static size_t phdr_size(bool is_64)
{
	return is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static int parse_header(const union head *head, struct elf_headers *ret)
{
	const unsigned char *ident = head->bytes;
	size_t entry;

	if (memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_VERSION] != EV_CURRENT)
		return -ENOEXEC;
	if (ident[EI_CLASS] == ELFCLASS64) {
		const Elf64_Ehdr *h = &head->e64;

		*ret = (struct elf_headers){ h->e_type, h->e_machine, true, h->e_shoff != 0,
					     NULL, h->e_phnum, h->e_phoff };
		entry = h->e_phentsize;
	} else if (ident[EI_CLASS] == ELFCLASS32) {
		const Elf32_Ehdr *h = &head->e32;

		*ret = (struct elf_headers){ h->e_type, h->e_machine, false, h->e_shoff != 0,
					     NULL, h->e_phnum, h->e_phoff };
		entry = h->e_phentsize;
	} else {
		return -ENOEXEC;
	}
	if ((ret->type != ET_EXEC && ret->type != ET_DYN) || entry != phdr_size(ret->is_64) ||
	    ret->count == 0 || ret->count * entry > PHDRS_MAX)
		return -ENOEXEC;
	return 0;
}

static Elf64_Phdr to_64(const Elf32_Phdr *p)
{
	return (Elf64_Phdr){
		.p_type = p->p_type, .p_flags = p->p_flags, .p_offset = p->p_offset,
		.p_vaddr = p->p_vaddr, .p_filesz = p->p_filesz, .p_memsz = p->p_memsz,
	};
}

int elf_headers_read(const struct memory *m, uint64_t addr, struct arena *arena,
		     size_t *left, struct elf_headers *ret)
{
	unsigned char *bytes;
	union head head;
	Elf32_Phdr p32;
	size_t size;
	int r = m->read(m, addr, &head, sizeof(head));

	if (r < 0)
		return r;
	r = parse_header(&head, ret);
	if (r < 0)
		return r;
	if (left && ret->count > *left)
		return -E2BIG;
	if (left)
		*left -= ret->count;
	ret->phdrs = arena_alloc(arena, ret->count * sizeof(*ret->phdrs));
	if (!ret->phdrs)
		return ARENA_FULL;
	/* 32-bit headers go to the end of the room, so that none is overwritten too early */
	size = ret->count * phdr_size(ret->is_64);
	bytes = (unsigned char *)(ret->phdrs + ret->count) - size;
	if (ret->phoff <= sizeof(head) && size <= sizeof(head) - ret->phoff)
		memcpy(bytes, head.bytes + ret->phoff, size);
	else
		r = m->read(m, addr + ret->phoff, bytes, size);
	for (size_t i = 0; r == 0 && !ret->is_64 && i < ret->count; i++) {
		memcpy(&p32, bytes + i * sizeof(p32), sizeof(p32));
		ret->phdrs[i] = to_64(&p32);
	}
	return r;
}

/* Append a PT_LOAD; where two share a page, the loader maps the later one over the earlier. */
static int add_segment(struct image *image, uint64_t bias, const Elf64_Phdr *p)
{
	uint64_t start = page_down(bias + p->p_vaddr);
	uint64_t end = page_up(bias + p->p_vaddr + p->p_memsz);
	uint64_t in_file = p->p_filesz < p->p_memsz ? p->p_filesz : p->p_memsz;
	uint64_t file_end = in_file > 0 ? page_up(bias + p->p_vaddr + in_file) : start;

	if (p->p_memsz == 0)
		return 0;
	if (p->p_memsz > UINT64_MAX - p->p_vaddr || end <= start || start < image->start)
		return -ENOEXEC;
	if (image->count > 0) {
		struct segment *before = &image->segments[image->count - 1];

		if (start <= before->start)
			return -ENOEXEC;
		if (start < before->end)
			before->end = start;
		if (start < before->file_end)
			before->file_end = start;
	}
	image->segments[image->count++] = (struct segment){
		.start = start, .end = end, .file_end = file_end,
		.offset = page_down(p->p_offset), .flags = p->p_flags,
	};
	image->end = end;
	return 0;
}

/* As _dl_protect_relro() in glibc's elf/dl-reloc.c: both ends down. */
static void set_relro(struct image *image, const Elf64_Phdr *p)
{
	uint64_t start = page_down(image->bias + p->p_vaddr);
	uint64_t end = page_down(image->bias + p->p_vaddr + p->p_memsz);

	if (p->p_memsz > UINT64_MAX - p->p_vaddr || end <= start)
		start = end = 0;
	image->relro_start = start;
	image->relro_end = end;
}

static void set_dynamic(struct image *image, const Elf64_Phdr *p)
{
	uint64_t start = image->bias + p->p_vaddr, end = start + p->p_memsz;

	if (start < image->start || end > image->end || end < start)
		return;
	image->dynamic_start = start;
	image->dynamic_end = end;
}

static int set_segments(struct image *image, const struct elf_headers *h)
{
	for (size_t i = 0; i < h->count; i++) {
		const Elf64_Phdr *p = &h->phdrs[i];
		int r;

		if (p->p_type != PT_LOAD)
			continue;
		/* the first segment holds the header, whose address is known */
		if (image->count == 0) {
			if (page_down(p->p_offset) != 0)
				return -ENOEXEC;
			image->bias = image->start - page_down(p->p_vaddr);
			if (h->type == ET_EXEC && image->bias != 0)
				return -ENOEXEC;
		}
		r = add_segment(image, image->bias, p);
		if (r < 0)
			return r;
	}
	return image->count > 0 ? 0 : -ENOEXEC;
}

int elf_image_read(const struct memory *m, uint64_t addr, struct arena *arena,
		   size_t *left, struct image **ret)
{
	struct elf_headers h;
	struct image *image;
	int r = elf_headers_read(m, addr, arena, left, &h);

	if (r < 0)
		return r;
	image = arena_alloc(arena, sizeof(*image));
	if (!image)
		return ARENA_FULL;
	*image = (struct image){ .start = addr, .is_64 = h.is_64 };
	image->segments = arena_alloc(arena, h.count * sizeof(*image->segments));
	if (!image->segments)
		return ARENA_FULL;
	r = set_segments(image, &h);
	if (r < 0)
		return r;
	/* these may stand before the segments in the table: now the bias is known */
	for (size_t i = 0; i < h.count; i++) {
		if (h.phdrs[i].p_type == PT_GNU_RELRO)
			set_relro(image, &h.phdrs[i]);
		else if (h.phdrs[i].p_type == PT_DYNAMIC)
			set_dynamic(image, &h.phdrs[i]);
		/* its loader may call mprotect(PROT_BTI): glibc, sysdeps/aarch64/dl-bti.c */
		else if (h.phdrs[i].p_type == PT_GNU_PROPERTY && h.machine == EM_AARCH64)
			image->is_guarded = true;
	}
	*ret = image;
	return 0;
}

bool image_lacks_relro(const struct image *image)
{
	if (image->relro_start < image->relro_end)
		return false;
	for (size_t i = 0; i < image->count; i++)
		if (image->segments[i].flags & PF_W)
			return true;
	return false;
}

const struct segment *segment_above(const struct image *image, uint64_t addr)
{
	size_t low = 0, high = image->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->segments[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < image->count ? &image->segments[low] : NULL;
}

const struct segment *segment_at(const struct image *image, uint64_t addr)
{
	const struct segment *segment = segment_above(image, addr);

	return segment && segment->start <= addr ? segment : NULL;
}
