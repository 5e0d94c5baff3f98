/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "program-elf.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "own-elf.h"

/* fs/binfmt_elf.c, load_elf_phdrs() */
#define PHDRS_MAX 65536

/*
 * Which way a program gains privileges, in words; NULL if it does not.  Who we are is in
 * the auxiliary vector, which costs no system calls.
 */
static const char *privileges_gained(const struct stat *st, int fd)
{
	struct statvfs fs;
	/* bits that count for nothing: mount(2), MS_NOSUID; prctl(2), PR_SET_NO_NEW_PRIVS */
	bool honoured = fstatvfs(fd, &fs) == 0 && !(fs.f_flag & ST_NOSUID) &&
			prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
	bool setuid = honoured && (st->st_mode & S_ISUID);
	bool setgid = honoured && (st->st_mode & S_ISGID) && (st->st_mode & S_IXGRP);

	if (setuid && st->st_uid != getauxval(AT_UID))
		return "it is setuid";
	if (setgid && st->st_gid != getauxval(AT_GID))
		return "it is setgid";
	/* to root, they are no more than root has */
	if (honoured && getauxval(AT_UID) != 0 &&
	    fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return "it has file capabilities";
	if ((!setuid && getauxval(AT_EUID) != getauxval(AT_UID)) ||
	    (!setgid && getauxval(AT_EGID) != getauxval(AT_GID)))
		return "the effective user or group is not the real one";
	return NULL;
}

/* Privileges that a program gains make ld.so ignore LD_PRELOAD: ld.so(8), AT_SECURE. */
static bool check_privileges(struct preflight *p, const char *path, int fd)
{
	char reason[128];
	struct stat st;
	const char *how;

	if (fstat(fd, &st) != 0)
		return preflight_refuse_errno(p, path, errno);
	how = privileges_gained(&st, fd);
	if (!how)
		return true;
	p->secure = true;
	snprintf(reason, sizeof(reason), "%s, so its loader ignores the shim", how);
	preflight_set_fate(p, SHIM_IGNORED, path, reason,
			   "as root, msealctl seals it with --via=ptrace");
	return true;
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

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return strcmp(a, b) == 0 ||
	       (stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
		sa.st_ino == sb.st_ino);
}

/*
 * glibc's loader loads the shim, if it is the one that we know.  So does musl's; but it
 * leaves all constructors to the program, where nobody can see whether ours has run.
 */
static void check_loader(struct preflight *p, const char *path, const char *loader)
{
	const char *slash = strrchr(loader, '/'), *own = own_loader();
	const char *name = slash ? slash + 1 : loader;
	bool glibc = strncmp(name, "ld-linux", 8) == 0;
	char reason[256];

	if (glibc && own && same_file(own, loader))
		return;
	snprintf(reason, sizeof(reason), "its loader is %.200s%s", loader,
		 glibc ? ", which may ignore the shim" :
		 strncmp(name, "ld-musl", 7) == 0 ? ", of musl" : ", not glibc's");
	preflight_set_fate(p, glibc ? SHIM_DOUBTFUL : SHIM_IGNORED, path, reason, "");
}

/* What both widths of ELF headers are read into: they begin in the same way. */
union elf_header {
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;
};

struct phdr_table {
	unsigned char *bytes;
	size_t count;
	bool wide;
};

/* Returns 0, or an errno. */
static int read_phdrs(int fd, const union elf_header *h, struct phdr_table *ret)
{
	bool wide = h->wide.e_ident[EI_CLASS] == ELFCLASS64;
	size_t entry = wide ? h->wide.e_phentsize : h->narrow.e_phentsize;
	size_t count = wide ? h->wide.e_phnum : h->narrow.e_phnum, size = count * entry;
	off_t offset = wide ? (off_t)h->wide.e_phoff : (off_t)h->narrow.e_phoff;

	if (entry != (wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) || size == 0 ||
	    size > PHDRS_MAX)
		return ENOEXEC;
	*ret = (struct phdr_table){ malloc(size), count, wide };
	if (!ret->bytes)
		return ENOMEM;
	return pread(fd, ret->bytes, size, offset) == (ssize_t)size ? 0 : ENOEXEC;
}

/* Where the name of the loader is; of size 0 if there is none. */
static Elf64_Phdr interp_of(const struct phdr_table *table)
{
	const Elf64_Phdr *wide = (const Elf64_Phdr *)table->bytes;
	const Elf32_Phdr *narrow = (const Elf32_Phdr *)table->bytes;

	for (size_t i = 0; i < table->count; i++) {
		if (table->wide && wide[i].p_type == PT_INTERP)
			return wide[i];
		if (!table->wide && narrow[i].p_type == PT_INTERP)
			return (Elf64_Phdr){
				.p_type = PT_INTERP, .p_offset = narrow[i].p_offset,
				.p_filesz = narrow[i].p_filesz,
			};
	}
	return (Elf64_Phdr){ .p_type = PT_NULL };
}

/*
 * Programs that unpack themselves at their start (UPX) have no section headers, which
 * every linker writes and strip(1) leaves: they unmap the code that they begin with.
 */
static bool has_sections(const union elf_header *h)
{
	return h->wide.e_ident[EI_CLASS] == ELFCLASS64 ? h->wide.e_shoff != 0 :
							 h->narrow.e_shoff != 0;
}

static bool check_without_loader(struct preflight *p, const char *path,
				 const union elf_header *header)
{
	const char *own = own_loader();

	if (!has_sections(header))
		return preflight_refuse(p, STATUS_EXEC_FAILED, path,
					"it is static and has no section headers, as programs that "
					"unpack themselves, which fail if they are sealed", "");
	preflight_set_fate(p, SHIM_IGNORED, path, own && same_file(own, path) ?
			   "it is a loader itself: its arguments tell what it runs" :
			   "it is statically linked: no loader will load the shim", "");
	return true;
}

/* The program headers of an ELF file: where its loader is named, if anywhere. */
static bool check_interp(struct preflight *p, const char *path, int fd,
			 const union elf_header *header)
{
	struct phdr_table table = { .bytes = NULL };
	int error = read_phdrs(fd, header, &table);
	Elf64_Phdr interp = { .p_type = PT_NULL };
	char loader[PATH_MAX];
	size_t len;

	if (error == 0)
		interp = interp_of(&table);
	free(table.bytes);
	if (error)
		return preflight_refuse_errno(p, path, error);
	if (interp.p_type != PT_INTERP)
		return check_without_loader(p, path, header);
	len = interp.p_filesz;
	if (len < 2 || len > sizeof(loader) ||
	    pread(fd, loader, len, (off_t)interp.p_offset) != (ssize_t)len ||
	    loader[len - 1] != '\0')
		return preflight_refuse_errno(p, path, ENOEXEC);
	check_loader(p, path, loader);
	return true;
}

bool preflight_check_elf(struct preflight *p, const char *path, int fd)
{
	union elf_header header = { .wide = { .e_machine = EM_NONE } };
	bool native;

	if (pread(fd, &header, sizeof(header), 0) < (ssize_t)sizeof(Elf32_Ehdr))
		return preflight_refuse_errno(p, path, ENOEXEC);
	if (!check_privileges(p, path, fd))
		return false;
	native = header.wide.e_machine == OWN_ELF->e_machine;
	/* the kernel goes by the machine alone: fs/binfmt_elf.c, elf_check_arch() */
	if (native && header.wide.e_ident[EI_CLASS] != OWN_ELF->e_ident[EI_CLASS])
		return preflight_refuse(p, STATUS_EXEC_FAILED, path,
					"its ELF class is not that of its machine", "");
	/* another 32-bit machine than the one that ours can be would not run at all */
	if (header.wide.e_ident[EI_CLASS] == ELFCLASS32)
		preflight_set_fate(p, SHIM_IGNORED, path,
				   "it is a 32-bit program, and the shim is 64-bit", "");
	else if (!native)
		return preflight_refuse(p, STATUS_EXEC_FAILED, path,
					"it is a program for another machine than the shim", "");
	return check_interp(p, path, fd, &header);
}
