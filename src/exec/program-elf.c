/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "program-elf.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "dynamic.h"
#include "elf-image.h"
#include "own-elf.h"
#include "page.h"
#include "path.h"

/* The largest table of 32-bit program headers, converted, with room to spare. */
#define ARENA_SIZE (256 << 10)

/* Which way a program gains privileges.  Our own IDs are in the auxiliary vector. */
static enum program_gain gain_of(const struct stat *st, int fd)
{
	struct statvfs fs;
	/* bits that count for nothing: mount(2), MS_NOSUID; prctl(2), PR_SET_NO_NEW_PRIVS */
	bool honoured = fstatvfs(fd, &fs) == 0 && !(fs.f_flag & ST_NOSUID) &&
			prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
	bool setuid = honoured && (st->st_mode & S_ISUID);
	bool setgid = honoured && (st->st_mode & S_ISGID) && (st->st_mode & S_IXGRP);

	if (setuid && st->st_uid != getauxval(AT_UID))
		return GAINS_BY_SETUID;
	if (setgid && st->st_gid != getauxval(AT_GID))
		return GAINS_BY_SETGID;
	/* root gains nothing from file capabilities */
	if (honoured && getauxval(AT_UID) != 0 &&
	    fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return GAINS_BY_CAPABILITIES;
	if ((!setuid && getauxval(AT_EUID) != getauxval(AT_UID)) ||
	    (!setgid && getauxval(AT_EGID) != getauxval(AT_GID)))
		return GAINS_BY_EFFECTIVE_IDS;
	return GAINS_NOTHING;
}

/* Our own loader, which has loaded us: a path, or NULL if we have none. */
static const char *own_loader(void)
{
	const char *file = (const char *)OWN_ELF;
	const Elf64_Phdr *phdrs = (const Elf64_Phdr *)(file + OWN_ELF->e_phoff);

	/* it is in the first segment, as the header is */
	for (size_t i = 0; i < OWN_ELF->e_phnum; i++)
		if (phdrs[i].p_type == PT_INTERP)
			return file + phdrs[i].p_offset;
	return NULL;
}

static bool is_own_loader(const char *path)
{
	const char *own = own_loader();
	struct stat a, b;

	return own && (strcmp(path, own) == 0 ||
		       (stat(path, &a) == 0 && stat(own, &b) == 0 && a.st_dev == b.st_dev &&
			a.st_ino == b.st_ino));
}

static enum program_loader loader_of(const char *loader)
{
	const char *name = path_base(loader);

	/* ld64.so.1 of s390x, ld64.so.2 of powerpc64le */
	if (strncmp(name, "ld-linux", 8) == 0 || strncmp(name, "ld64.so.", 8) == 0)
		return is_own_loader(loader) ? LOADER_OWN : LOADER_GLIBC;
	return strncmp(name, "ld-musl", 7) == 0 ? LOADER_MUSL : LOADER_UNKNOWN;
}

/* A file as memory; it has zeroes behind its end, as the last page of a mapping. */
struct file {
	struct memory memory;
	int fd;
	uint64_t size;
};

static int file_read(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	ssize_t n = pread(((const struct file *)m)->fd, buf, len, (off_t)addr);

	if (n < 0)
		return -errno;
	memset((char *)buf + n, 0, len - (size_t)n);
	/* neither the kernel nor ld.so looks at the version, but elf_headers_read() does */
	if (addr == 0 && len > EI_VERSION)
		((unsigned char *)buf)[EI_VERSION] = EV_CURRENT;
	return 0;
}

/* The path in PT_INTERP, "" if there is none. */
static int read_loader_path(const struct file *file, const struct elf_headers *h,
			    char ret[PATH_MAX])
{
	for (size_t i = 0; i < h->count; i++) {
		uint64_t len = h->phdrs[i].p_filesz;

		if (h->phdrs[i].p_type != PT_INTERP)
			continue;
		if (len < 2 || len > PATH_MAX ||
		    pread(file->fd, ret, len, (off_t)h->phdrs[i].p_offset) != (ssize_t)len ||
		    ret[len - 1] != '\0')
			return -ENOEXEC;
		/* the kernel takes an empty path for the working directory */
		return ret[0] ? 0 : -EACCES;
	}
	return 0;
}

/* The segment that has LEN bytes of the file at ADDRESS; NULL if none has. */
static const Elf64_Phdr *segment_of(const struct elf_headers *h, uint64_t address, uint64_t len)
{
	for (size_t i = 0; i < h->count; i++) {
		const Elf64_Phdr *p = &h->phdrs[i];

		if (p->p_type == PT_LOAD && address >= p->p_vaddr &&
		    address - p->p_vaddr < p->p_filesz &&
		    len <= p->p_filesz - (address - p->p_vaddr))
			return p;
	}
	return NULL;
}

/*
 * The header of TYPE, if there is just one, and what it says of the file is what ld.so,
 * which looks at memory, will find; else NULL.
 */
static const Elf64_Phdr *only_header(const struct elf_headers *h, uint32_t type)
{
	const Elf64_Phdr *found = NULL, *segment;

	for (size_t i = 0; i < h->count; i++) {
		if (h->phdrs[i].p_type != type)
			continue;
		if (found)
			return NULL;
		found = &h->phdrs[i];
	}
	segment = found ? segment_of(h, found->p_vaddr, found->p_filesz) : NULL;
	return segment && found->p_vaddr - segment->p_vaddr == found->p_offset - segment->p_offset ?
	       found : NULL;
}

/* Do the segments ascend, and overlap neither in memory, in whole pages, nor in the file? */
static bool are_apart(const struct elf_headers *h)
{
	uint64_t address = 0, offset = 0;

	for (size_t i = 0; i < h->count; i++) {
		const Elf64_Phdr *p = &h->phdrs[i];
		uint64_t end = page_up(p->p_vaddr + p->p_memsz);

		if (p->p_type != PT_LOAD)
			continue;
		if (p->p_memsz > INT64_MAX || p->p_filesz > p->p_memsz || end < p->p_vaddr ||
		    page_down(p->p_vaddr) < address)
			return false;
		address = end;
		if (p->p_filesz == 0)
			continue;
		if (p->p_offset < offset)
			return false;
		offset = p->p_offset + p->p_filesz;
	}
	return true;
}

/* Will ld.so, which finds everything by address, find what this file finds by offset? */
static bool are_ordinary(const struct elf_headers *h)
{
	/* from which ld.so computes where the program is: elf/rtld.c */
	const Elf64_Phdr *table = only_header(h, PT_PHDR);

	/* the loader's name is taken from memory, too: an object of that name is not loaded */
	return are_apart(h) && only_header(h, PT_INTERP) && table && table->p_offset == h->phoff &&
	       table->p_filesz >= h->count * sizeof(*h->phdrs);
}

struct dynamic_facts {
	uint64_t strings;	/* DT_STRTAB */
	uint64_t needed;	/* the first DT_NEEDED, an offset into the strings */
	uint64_t count;
	bool has_needed, has_auditor, has_name;
};

static int note_entry(void *context, int64_t tag, uint64_t value)
{
	struct dynamic_facts *facts = context;

	facts->count++;
	if (tag == DT_STRTAB)
		facts->strings = value;
	else if (tag == DT_AUDIT || tag == DT_DEPAUDIT)
		facts->has_auditor = true;
	else if (tag == DT_SONAME)
		facts->has_name = true;
	if (tag != DT_NEEDED || facts->has_needed)
		return 0;
	facts->has_needed = true;
	facts->needed = value;
	return 0;
}

/* The entries that ld.so will see: up to DT_NULL, whatever the size in the header. */
static bool read_dynamic(struct dynamic_facts *ret, const struct file *file,
			 const struct elf_headers *h)
{
	const Elf64_Phdr *dynamic = only_header(h, PT_DYNAMIC), *segment;
	struct image image = { .is_64 = true };
	uint64_t room;

	if (!dynamic)
		return false;
	segment = segment_of(h, dynamic->p_vaddr, 0);
	room = segment->p_filesz - (dynamic->p_vaddr - segment->p_vaddr);
	image.dynamic_start = dynamic->p_offset;
	image.dynamic_end = dynamic->p_offset + room;
	return dynamic_each(&file->memory, &image, note_entry, ret) == 0 &&
	       ret->count < room / sizeof(Elf64_Dyn);
}

/* What ld.so will make of the program. */
static void read_for_loader(struct program_elf *ret, const struct file *file,
			    const struct elf_headers *h)
{
	static const char asan[] = "libasan.so";
	struct dynamic_facts facts = { .strings = 0 };
	char name[sizeof(asan) - 1] = "";
	uint64_t address;
	const Elf64_Phdr *segment;

	/* an object of the program's own name is not loaded either */
	ret->is_odd = !are_ordinary(h) || !read_dynamic(&facts, file, h) || facts.has_name;
	ret->has_auditor = facts.has_auditor;
	address = facts.strings + facts.needed;
	segment = facts.has_needed ? segment_of(h, address, sizeof(name)) : NULL;
	if (segment && file_read(&file->memory, address - segment->p_vaddr + segment->p_offset,
				 name, sizeof(name)) < 0)
		ret->is_odd = true;
	ret->has_asan = memcmp(name, asan, sizeof(name)) == 0;
}

/* All that is in the program headers, and in what they lead to. */
static int read_headers(struct program_elf *ret, const struct file *file, struct arena *arena)
{
	struct elf_headers h;
	Elf32_Ehdr begin;	/* up to the machine, both classes are alike */
	int r = file_read(&file->memory, 0, &begin, sizeof(begin));

	ret->is_64 = r == 0 && begin.e_ident[EI_CLASS] == ELFCLASS64;
	ret->is_own_machine = r == 0 && begin.e_machine == OWN_ELF->e_machine;
	/* the kernel would run it, and what follows cannot be read as that class */
	if (ret->is_own_machine && !ret->is_64)
		return 0;
	if (r == 0)
		r = elf_headers_read(&file->memory, 0, arena, NULL, &h);
	if (r < 0)
		return r;
	/* the kernel reads the whole table, or does not run it */
	if (h.phoff > file->size || h.count * (h.is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) >
				    file->size - h.phoff)
		return -ENOEXEC;
	ret->has_sections = h.has_sections;
	r = read_loader_path(file, &h, ret->loader_path);
	if (r == 0 && ret->loader_path[0] && ret->is_64)
		read_for_loader(ret, file, &h);
	return r;
}

int program_elf_read(struct program_elf *ret, const char *path, int fd)
{
	struct file file = { .memory = { .read = file_read }, .fd = fd };
	/* pages that are not written to cost nothing, and a mapping would */
	static _Alignas(max_align_t) char room[ARENA_SIZE];
	struct arena arena = { .base = room, .size = sizeof(room) };
	struct stat st;
	int r;

	if (fstat(fd, &st) != 0)
		return -errno;
	file.size = (uint64_t)st.st_size;
	ret->gain = gain_of(&st, fd);
	ret->has_sections = ret->is_odd = ret->has_auditor = ret->has_asan = false;
	ret->loader_path[0] = '\0';
	r = read_headers(ret, &file, &arena);
	if (r < 0)
		return r;
	if (ret->loader_path[0])
		ret->loader = loader_of(ret->loader_path);
	else
		ret->loader = is_own_loader(path) ? LOADER_ITSELF : LOADER_NONE;
	return 0;
}
