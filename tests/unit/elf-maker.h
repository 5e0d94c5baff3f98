/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ELF_MAKER_H
#define MSEALCTL_ELF_MAKER_H

/* ELF images made to order, in the memory of a process that does not exist. */

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define FAKE_CHUNKS 16

/* What can be read of the process; all else is -EFAULT. */
struct fake_memory {
	struct memory memory;	/* first: the hook casts back */
	struct {
		uint64_t addr;
		size_t len;
		unsigned char *bytes;
	} chunks[FAKE_CHUNKS];
	size_t count;
	size_t reads;		/* calls so far */
	size_t fail_at;		/* this call fails, counted from 1; 0: none */
};

static inline int fake_read(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	struct fake_memory *f = (struct fake_memory *)m;

	if (++f->reads == f->fail_at)
		return -EIO;
	for (size_t i = 0; i < f->count; i++) {
		if (addr < f->chunks[i].addr || addr - f->chunks[i].addr > f->chunks[i].len)
			continue;
		if (len > f->chunks[i].len - (addr - f->chunks[i].addr))
			continue;
		memcpy(buf, f->chunks[i].bytes + (addr - f->chunks[i].addr), len);
		return 0;
	}
	return -EFAULT;
}

/* LEN zero bytes at ADDR, to be written by the caller. */
static inline unsigned char *fake_map(struct fake_memory *f, uint64_t addr, size_t len)
{
	unsigned char *bytes = calloc(1, len);

	if (!bytes || f->count == FAKE_CHUNKS)
		abort();
	f->memory.read = fake_read;
	f->chunks[f->count].addr = addr;
	f->chunks[f->count].len = len;
	f->chunks[f->count].bytes = bytes;
	f->count++;
	return bytes;
}

static inline void fake_free(struct fake_memory *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->chunks[i].bytes);
	*f = (struct fake_memory){ .memory.read = fake_read };
}

#define ELF_PHDRS 12

/* The parts of an ELF file that a loader reads. */
struct elf_spec {
	bool is_32;
	uint16_t type;		/* ET_DYN unless given */
	uint16_t phnum;		/* counted unless given: up to the first all-zero entry */
	uint16_t phentsize;	/* the right one unless given */
	uint64_t phoff;		/* behind the header unless given */
	Elf64_Phdr phdrs[ELF_PHDRS];
};

/* Initialisers for the phdrs of a spec; _AT gives a file offset that is not the address. */
#define LOAD_AT(offset, vaddr, memsz, flags) \
	{ PT_LOAD, flags, offset, vaddr, vaddr, memsz, memsz, 0x1000 }
#define LOAD(vaddr, memsz, flags) LOAD_AT(vaddr, vaddr, memsz, flags)
#define RELRO(vaddr, memsz) \
	{ PT_GNU_RELRO, PF_R, vaddr, vaddr, vaddr, memsz, memsz, 1 }
#define OTHER(type) \
	{ type, PF_R, 0x40, 0x40, 0x40, 0x40, 0x40, 8 }

#define PF_RX (PF_R | PF_X)
#define PF_RW (PF_R | PF_W)

static inline uint16_t elf_phnum(const struct elf_spec *spec)
{
	uint16_t n = 0;

	while (n < ELF_PHDRS && spec->phdrs[n].p_type != PT_NULL)
		n++;
	return n;
}

static inline void elf_ident(unsigned char *ident, unsigned char class)
{
	memcpy(ident, ELFMAG, SELFMAG);
	ident[EI_CLASS] = class;
	ident[EI_DATA] = ELFDATA2LSB;
	ident[EI_VERSION] = EV_CURRENT;
}

static inline void elf_write_64(unsigned char *at, const struct elf_spec *spec, uint16_t n)
{
	Elf64_Ehdr h = {
		.e_type = spec->type ? spec->type : ET_DYN,
		.e_phoff = spec->phoff ? spec->phoff : sizeof(h),
		.e_phentsize = spec->phentsize ? spec->phentsize : sizeof(Elf64_Phdr),
		.e_phnum = spec->phnum ? spec->phnum : n,
	};

	elf_ident(h.e_ident, ELFCLASS64);
	memcpy(at, &h, sizeof(h));
	memcpy(at + (spec->phoff && spec->phoff < 0x800 ? spec->phoff : sizeof(h)),
	       spec->phdrs, n * sizeof(spec->phdrs[0]));
}

static inline void elf_write_32(unsigned char *at, const struct elf_spec *spec, uint16_t n)
{
	Elf32_Ehdr h = {
		.e_type = spec->type ? spec->type : ET_DYN,
		.e_phoff = spec->phoff ? (Elf32_Off)spec->phoff : sizeof(h),
		.e_phentsize = spec->phentsize ? spec->phentsize : sizeof(Elf32_Phdr),
		.e_phnum = spec->phnum ? spec->phnum : n,
	};

	elf_ident(h.e_ident, ELFCLASS32);
	memcpy(at, &h, sizeof(h));
	for (uint16_t i = 0; i < n; i++) {
		const Elf64_Phdr *p = &spec->phdrs[i];
		Elf32_Phdr q = {
			.p_type = p->p_type, .p_flags = p->p_flags,
			.p_offset = (Elf32_Off)p->p_offset, .p_vaddr = (Elf32_Addr)p->p_vaddr,
			.p_filesz = (Elf32_Word)p->p_filesz, .p_memsz = (Elf32_Word)p->p_memsz,
		};

		memcpy(at + sizeof(h) + i * sizeof(q), &q, sizeof(q));
	}
}

/* The first page of an object made after SPEC, at ADDR. */
static inline unsigned char *fake_elf(struct fake_memory *f, uint64_t addr,
				      const struct elf_spec *spec)
{
	unsigned char *page = fake_map(f, addr, 0x1000);

	(spec->is_32 ? elf_write_32 : elf_write_64)(page, spec, elf_phnum(spec));
	return page;
}

#endif
