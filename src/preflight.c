/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "preflight.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cleanup.h"
#include "own-elf.h"

/* BINPRM_BUF_SIZE of include/uapi/linux/binfmts.h: a "#!" line is cut here */
#define HEAD_SIZE 256
/* fs/exec.c, exec_binprm(): so many interpreters of interpreters, then ELOOP */
#define DEPTH_MAX 5
/* fs/binfmt_elf.c, load_elf_phdrs() */
#define PHDRS_MAX 65536

/* include/uapi/linux/lsm.h, and the number that the call has on all machines */
#ifndef __NR_lsm_get_self_attr
#define __NR_lsm_get_self_attr 459
#endif
#define LSM_ATTR_CURRENT 100

#define BLANKS " \t"

static bool refuse(struct preflight *p, enum exit_status status, const char *object,
		   const char *reason, const char *hint)
{
	p->status = status;
	snprintf(p->object, sizeof(p->object), "%s", object);
	snprintf(p->reason, sizeof(p->reason), "%s", reason);
	snprintf(p->hint, sizeof(p->hint), "%s", hint);
	return false;
}

static bool refuse_errno(struct preflight *p, const char *object, int error)
{
	bool missing = error == ENOENT || error == ENOTDIR;

	return refuse(p, missing ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN, object,
		      strerror(error), "");
}

/* May PATH be executed, as far as a look can tell?  0, or an errno. */
static int executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* "DIR/COMMAND", or COMMAND if DIR is empty; false if there is no room for that. */
static bool join(char path[PATH_MAX], const char *dir, size_t dir_len, const char *command)
{
	size_t command_len = strlen(command), prefix = dir_len > 0 ? dir_len + 1 : 0;

	if (prefix + command_len >= PATH_MAX)
		return false;
	memcpy(path, dir, dir_len);
	if (dir_len > 0)
		path[dir_len] = '/';
	memcpy(path + prefix, command, command_len + 1);
	return true;
}

/* Find COMMAND along PATH as execvp(3) does.  0, or an errno. */
static int find_command(const char *command, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH");
	int error = ENOENT;

	if (command[0] == '\0')
		return ENOENT;
	if (strchr(command, '/'))
		return join(path, "", 0, command) ? executable(path) : ENAMETOOLONG;
	for (dirs = dirs ? dirs : "/bin:/usr/bin"; ; dirs++) {
		size_t len = (size_t)(strchrnul(dirs, ':') - dirs);
		int e = join(path, dirs, len, command) ? executable(path) : ENAMETOOLONG;

		if (e == 0)
			return 0;
		/* what is there but cannot be run is remembered, and the search goes on */
		if (e == EACCES)
			error = EACCES;
		dirs += len;
		if (*dirs == '\0')
			return error;
	}
}

void preflight_set_fate(struct preflight *p, enum shim_fate fate, const char *object,
			const char *reason, const char *hint)
{
	if (fate <= p->fate)
		return;
	p->fate = fate;
	snprintf(p->object, sizeof(p->object), "%s", object);
	snprintf(p->reason, sizeof(p->reason), "%s", reason);
	snprintf(p->hint, sizeof(p->hint), "%s", hint);
}

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
		return refuse_errno(p, path, errno);
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
		return refuse_errno(p, path, error);
	if (interp.p_type != PT_INTERP && !has_sections(header))
		return refuse(p, STATUS_EXEC_FAILED, path,
			      "it is static and has no section headers, as programs that unpack "
			      "themselves, which fail if they are sealed", "");
	if (interp.p_type != PT_INTERP) {
		const char *own = own_loader();

		preflight_set_fate(p, SHIM_IGNORED, path, own && same_file(own, path) ?
				   "it is a loader itself: its arguments tell what it runs" :
				   "it is statically linked: no loader will load the shim", "");
		return true;
	}
	len = interp.p_filesz;
	if (len < 2 || len > sizeof(loader) ||
	    pread(fd, loader, len, (off_t)interp.p_offset) != (ssize_t)len ||
	    loader[len - 1] != '\0')
		return refuse_errno(p, path, ENOEXEC);
	check_loader(p, path, loader);
	return true;
}

static bool check_elf(struct preflight *p, const char *path, int fd)
{
	union elf_header header = { .wide = { .e_machine = EM_NONE } };
	bool native;

	if (pread(fd, &header, sizeof(header), 0) < (ssize_t)sizeof(Elf32_Ehdr))
		return refuse_errno(p, path, ENOEXEC);
	if (!check_privileges(p, path, fd))
		return false;
	native = header.wide.e_machine == OWN_ELF->e_machine;
	/* the kernel goes by the machine alone: fs/binfmt_elf.c, elf_check_arch() */
	if (native && header.wide.e_ident[EI_CLASS] != OWN_ELF->e_ident[EI_CLASS])
		return refuse(p, STATUS_EXEC_FAILED, path,
			      "its ELF class is not that of its machine", "");
	/* another 32-bit machine than that of the shim for 32 bits would not run at all */
	if (header.wide.e_ident[EI_CLASS] == ELFCLASS32)
		snprintf(p->narrow, sizeof(p->narrow), "%s", path);
	else if (!native)
		return refuse(p, STATUS_EXEC_FAILED, path,
			      "it is a program for another machine than the shim", "");
	return check_interp(p, path, fd, &header);
}

static bool check_file(struct preflight *p, const char *path, int depth);

static bool check_named(struct preflight *p, const char *name, int depth)
{
	char path[PATH_MAX];
	int error = find_command(name, path);

	return error ? refuse_errno(p, name, error) : check_file(p, path, depth);
}

/*
 * "#!/usr/bin/env NAME": the program is not env but NAME, one exec further on.
 * WORDS is the rest of the line, which env gets as one argument unless -S splits it.
 */
static bool check_env(struct preflight *p, const char *path, char *words, int depth)
{
	bool split = false;
	char *word;

	if (strncmp(words, "-S", 2) == 0) {
		split = true;
		words += 2;
	}
	while ((word = strsep(&words, split ? BLANKS : ""))) {
		if (*word == '\0')
			continue;
		/* an assignment changes nothing; options and quotes may change all */
		if (split && word[0] != '=' && strchr(word, '=') && word[0] != '-')
			continue;
		if (word[0] == '-' || strpbrk(word, "\\'\"$"))
			break;
		p->hops++;
		return check_named(p, word, depth);
	}
	return refuse(p, STATUS_EXEC_FAILED, path,
		      "cannot tell what env(1) will run from its #! line", "");
}

/* Follow "#! INTERPRETER [ARGUMENT]". */
static bool check_script(struct preflight *p, const char *path, char *line, int depth)
{
	char *interpreter, *rest, *end, *name;
	int error;

	interpreter = line + strspn(line, BLANKS);
	end = strpbrk(interpreter, BLANKS);
	rest = end ? end + strspn(end, BLANKS) : interpreter + strlen(interpreter);
	if (end)
		*end = '\0';
	/* the kernel drops blanks at the end of the line */
	for (end = rest + strlen(rest); end > rest && strchr(BLANKS, end[-1]); )
		*--end = '\0';
	if (*interpreter == '\0')
		return refuse_errno(p, path, ENOEXEC);
	if (depth == DEPTH_MAX)
		return refuse_errno(p, path, ELOOP);
	error = executable(interpreter);
	if (error)
		return refuse_errno(p, interpreter, error);
	if (!check_file(p, interpreter, depth + 1))
		return false;
	name = strrchr(interpreter, '/');
	name = name ? name + 1 : interpreter;
	if (strcmp(name, "env") == 0)
		return check_env(p, path, rest, depth + 1);
	return true;
}

static bool check_file(struct preflight *p, const char *path, int depth)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[HEAD_SIZE + 1];
	ssize_t n;

	if (fd < 0 && errno == EACCES)
		return refuse(p, STATUS_EXEC_FAILED, path,
			      "it cannot be read, so whether its loader takes the shim "
			      "cannot be known", "");
	n = fd >= 0 ? pread(fd, head, HEAD_SIZE, 0) : -1;
	if (n < 0)
		return refuse_errno(p, path, errno);
	head[n] = '\0';
	if (n >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0)
		return check_elf(p, path, fd);
	if (n >= 2 && memcmp(head, "#!", 2) == 0) {
		head[strcspn(head, "\n")] = '\0';
		return check_script(p, path, head + 2, depth);
	}
	/* execvp(3) hands it to the shell; but what has a NUL in it is no shell script */
	if (memchr(head, '\0', (size_t)n) || depth > 0)
		return refuse_errno(p, path, ENOEXEC);
	p->by_shell = true;
	return check_file(p, _PATH_BSHELL, depth + 1);
}

static bool is_limited(int resource)
{
	struct rlimit limit;

	return getrlimit((__rlimit_resource_t)resource, &limit) != 0 ||
	       limit.rlim_cur != RLIM_INFINITY;
}

/* Does /proc show a label of ours? */
static bool has_label(void)
{
	cleanup_fd int fd = open("/proc/self/attr/current", O_RDONLY | O_CLOEXEC);
	char label[1];

	return fd >= 0 && read(fd, label, sizeof(label)) > 0;
}

/* A security module gives processes a label: AppArmor, SELinux, Smack. */
static bool has_security_module(void)
{
	uint32_t room = 0;

	/* a filter could end us for a call of Linux 6.8 that it does not know */
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0)
		return has_label();
	/* a tenth of the time that /proc takes */
	if (syscall(__NR_lsm_get_self_attr, LSM_ATTR_CURRENT, NULL, &room, 0) >= 0 ||
	    errno == E2BIG)
		return true;
	return errno != EOPNOTSUPP && has_label();
}

/* What may keep glibc's own loader from loading the shim: it warns, and goes on without. */
static void check_surroundings(struct preflight *p)
{
	const char *reason = NULL;

	if (getenv("LD_AUDIT"))
		reason = "LD_AUDIT is set, and an auditor may keep the shim out";
	else if (is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA))
		reason = "its memory is limited, perhaps to less than the shim needs";
	else if (has_security_module())
		reason = "a security module may keep the shim out";
	if (reason)
		preflight_set_fate(p, SHIM_DOUBTFUL, p->path, reason, "");
}

void preflight_check(struct preflight *ret, const char *command)
{
	int error;

	error = find_command(command, ret->path);
	if (error)
		refuse_errno(ret, command, error);
	else if (check_file(ret, ret->path, 0))
		check_surroundings(ret);
}
