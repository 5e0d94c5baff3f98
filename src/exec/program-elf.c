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
	const char *slash = strrchr(loader, '/'), *name = slash ? slash + 1 : loader;

	if (strncmp(name, "ld-linux", 8) == 0)
		return is_own_loader(loader) ? LOADER_OWN : LOADER_GLIBC;
	return strncmp(name, "ld-musl", 7) == 0 ? LOADER_MUSL : LOADER_UNKNOWN;
}

/* A file as memory; it has zeroes behind its end, as the last page of a mapping. */
struct file {
	struct memory memory;
	int fd;
};

static int file_read(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	ssize_t n = pread(((const struct file *)m)->fd, buf, len, (off_t)addr);

	if (n < 0)
		return -errno;
	memset((char *)buf + n, 0, len - (size_t)n);
	/* which neither the kernel nor ld.so looks at in a program */
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
		return 0;
	}
	return 0;
}

/* Where ADDRESS is in the file; 0 if it is in no segment. */
static uint64_t offset_of(const struct elf_headers *h, uint64_t address)
{
	for (size_t i = 0; i < h->count; i++) {
		const Elf64_Phdr *p = &h->phdrs[i];

		if (p->p_type == PT_LOAD && address >= p->p_vaddr &&
		    address - p->p_vaddr < p->p_filesz)
			return address - p->p_vaddr + p->p_offset;
	}
	return 0;
}

struct dynamic_facts {
	uint64_t strings;	/* DT_STRTAB */
	uint64_t needed;	/* the first DT_NEEDED, an offset into the strings */
	bool has_needed, has_auditor;
};

static int note_entry(void *context, int64_t tag, uint64_t value)
{
	struct dynamic_facts *facts = context;

	if (tag == DT_STRTAB)
		facts->strings = value;
	else if (tag == DT_AUDIT || tag == DT_DEPAUDIT)
		facts->has_auditor = true;
	if (tag != DT_NEEDED || facts->has_needed)
		return 0;
	facts->has_needed = true;
	facts->needed = value;
	return 0;
}

static int read_dynamic(struct program_elf *ret, const struct file *file,
			const struct elf_headers *h)
{
	static const char asan[] = "libasan.so";
	struct dynamic_facts facts = { .strings = 0 };
	struct image image = { .is_64 = h->is_64 };
	char name[sizeof(asan) - 1] = "";
	int r;

	for (size_t i = 0; i < h->count; i++)
		if (h->phdrs[i].p_type == PT_DYNAMIC) {
			image.dynamic_start = h->phdrs[i].p_offset;
			image.dynamic_end = image.dynamic_start + h->phdrs[i].p_filesz;
		}
	r = dynamic_each(&file->memory, &image, note_entry, &facts);
	if (r == 0 && facts.has_needed)
		r = file_read(&file->memory, offset_of(h, facts.strings) + facts.needed, name,
			      sizeof(name));
	ret->has_auditor = facts.has_auditor;
	ret->has_asan = memcmp(name, asan, sizeof(name)) == 0;
	return r;
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
	ret->has_sections = h.has_sections;
	r = read_loader_path(file, &h, ret->loader_path);
	return r < 0 || !ret->loader_path[0] ? r : read_dynamic(ret, file, &h);
}

int program_elf_read(struct program_elf *ret, const char *path, int fd)
{
	const struct file file = { .memory = { .read = file_read }, .fd = fd };
	/* pages that are not written to cost nothing, and a mapping would */
	static _Alignas(max_align_t) char room[ARENA_SIZE];
	struct arena arena = { .base = room, .size = sizeof(room) };
	struct stat st;
	int r;

	if (fstat(fd, &st) != 0)
		return -errno;
	ret->gain = gain_of(&st, fd);
	ret->has_sections = ret->has_auditor = ret->has_asan = false;
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
