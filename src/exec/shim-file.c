/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "shim-file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "own-elf.h"

/* Our own executable; false if that is not known. */
static bool own_path(char path[PATH_MAX])
{
	const char *started_as = (const char *)getauxval(AT_EXECFN);
	struct stat st;
	ssize_t n;

	/* what /proc/self/exe says, in a tenth of the time, if it is no symbolic link to us */
	if (started_as && started_as[0] == '/' && strlen(started_as) < PATH_MAX &&
	    lstat(started_as, &st) == 0 && S_ISREG(st.st_mode)) {
		strcpy(path, started_as);
		return true;
	}
	n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	/* without /proc */
	return n > 0 || (started_as && realpath(started_as, path));
}

/* NAME in the folder of our own executable; "" if that is not known. */
static void path_beside_us(const char *name, char path[PATH_MAX])
{
	char *slash;

	if (!own_path(path))
		path[0] = '\0';
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash + 1 - path) + strlen(name) >= PATH_MAX)
		path[0] = '\0';
	else
		strcpy(slash + 1, name);
}

/*
 * "LD_PRELOAD ... separated by spaces or colons", ld.so(8): there is no escape.  (strpbrk(3)
 * takes longer to be paged in than this takes.)
 */
static bool is_split(const char *path)
{
	for (; *path; path++)
		if (strchr(" :\t\n", *path))
			return true;
	return false;
}

/* What ld.so would put something else for: ld.so(8), "Dynamic string tokens". */
static bool has_token(const char *path)
{
	static const char *const tokens[] = { "$ORIGIN", "$LIB", "$PLATFORM", "${" };

	path = strchr(path, '$');
	for (size_t i = 0; path && i < sizeof(tokens) / sizeof(tokens[0]); i++)
		if (strstr(path, tokens[i]))
			return true;
	return false;
}

/* Will ld.so load it? */
static enum shim_fault check_object(const char *path, int fd)
{
	struct statvfs fs;
	Elf64_Ehdr header;

	if (read(fd, &header, sizeof(header)) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_type != ET_DYN ||
	    header.e_ident[EI_CLASS] != OWN_ELF->e_ident[EI_CLASS] ||
	    header.e_machine != OWN_ELF->e_machine)
		return SHIM_NO_OBJECT;
	if (is_split(path))
		return SHIM_SPLIT;
	if (has_token(path))
		return SHIM_TOKEN;
	if (fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_NOEXEC))
		return SHIM_NOEXEC;
	return SHIM_OK;
}

static void check(struct shim_file *file)
{
	file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
	file->error = errno;
	file->fault = file->fd < 0 ? SHIM_UNREADABLE : check_object(file->path, file->fd);
}

void shim_file_find(struct shim_file *ret, bool follow)
{
	static const char installed[] = PKGLIBDIR "/";
	const char *name = follow ? "libmsealctl-follow.so" : "libmsealctl.so";

	path_beside_us(name, ret->path);
	if (ret->path[0])
		check(ret);
	if (ret->path[0] && (ret->fault != SHIM_UNREADABLE || ret->error != ENOENT))
		return;
	stpcpy(stpcpy(ret->path, installed), name);
	check(ret);
}

void shim_file_find_auditor(struct shim_file *ret, const struct shim_file *shim)
{
	int folder = (int)(strrchr(shim->path, '/') + 1 - shim->path);

	if (snprintf(ret->path, PATH_MAX, "%.*slibmsealctl-audit.so", folder, shim->path) <
	    PATH_MAX) {
		check(ret);
		close(ret->fd);
	} else {
		ret->fault = SHIM_UNREADABLE;
		ret->error = ENAMETOOLONG;
	}
}

void shim_file_pin(const struct shim_file *file, char ret[SHIM_PIN_SIZE])
{
	/* not a standard stream, should one of those be closed */
	int fd = fcntl(file->fd, F_DUPFD, STDERR_FILENO + 1);
	char digits[12], *digit = digits + sizeof(digits);
	size_t slashes = strlen(file->path);

	ret[0] = '\0';
	if (fd < 0 || slashes <= strlen("/proc"))
		return;
	memset(ret, '/', slashes);
	memcpy(ret, "/proc", strlen("/proc"));
	/* printf(3) takes longer to be paged in than all of this */
	*--digit = '\0';
	for (int rest = fd; digit == digits + sizeof(digits) - 1 || rest > 0; rest /= 10)
		*--digit = (char)('0' + rest % 10);
	stpcpy(stpcpy(ret + slashes, "/self/fd/"), digit);
	if (access(ret, R_OK) == 0)
		return;
	/* /proc is not mounted, or is that of another PID namespace */
	ret[0] = '\0';
	close(fd);
}

const char *shim_file_reason(const struct shim_file *file)
{
	static const char *const reasons[SHIM_FAULT_COUNT] = {
		[SHIM_NO_OBJECT] = "it is no shared object for this machine",
		[SHIM_SPLIT] = "ld.so would split its path at a space or colon",
		[SHIM_TOKEN] = "ld.so would expand a $ in its path",
		[SHIM_NOEXEC] = "its file system is mounted noexec",
	};

	return file->fault == SHIM_UNREADABLE ? strerror(file->error) : reasons[file->fault];
}
