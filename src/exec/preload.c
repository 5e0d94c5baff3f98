/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "preload.h"

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

#include "cleanup.h"
#include "mseal.h"
#include "own-elf.h"
#include "select.h"
#include "settings.h"

static const char audit_name[] = "libmsealctl-audit.so";

static const char *name_of(const struct shim *shim)
{
	return shim->follows ? "libmsealctl-follow.so" : "libmsealctl.so";
}

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
static int check_object(const char *path)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct statvfs fs;
	Elf64_Ehdr header;

	if (fd < 0)
		return -errno;
	if (read(fd, &header, sizeof(header)) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_type != ET_DYN ||
	    header.e_ident[EI_CLASS] != OWN_ELF->e_ident[EI_CLASS] ||
	    header.e_machine != OWN_ELF->e_machine)
		return -ENOEXEC;
	if (is_split(path))
		return -EINVAL;
	if (has_token(path))
		return -EILSEQ;
	if (fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_NOEXEC))
		return -EPERM;
	return 0;
}

int preload_find_shim(struct shim *ret, bool follow)
{
	static const char installed[] = PKGLIBDIR "/";
	int r = -ENOENT;

	ret->audit = NULL;
	ret->follows = follow;
	path_beside_us(name_of(ret), ret->path);
	if (ret->path[0])
		r = check_object(ret->path);
	if (r == -ENOENT) {
		strcpy(ret->path, installed);
		strcpy(ret->path + strlen(installed), name_of(ret));
		r = check_object(ret->path);
	}
	return r;
}

const char *preload_error_reason(int error)
{
	static const struct {
		int error;
		const char *reason;
	} reasons[] = {
		{ -EINVAL, "ld.so would split its path at a space or colon" },
		{ -EILSEQ, "ld.so would expand a $ in its path" },
		{ -EPERM, "its file system is mounted noexec" },
		{ -ENOEXEC, "it is no shared object for this machine" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return reasons[i].reason;
	return strerror(-error);
}

int preload_find_audit(struct shim *shim)
{
	int folder = (int)(strrchr(shim->path, '/') + 1 - shim->path), r;

	if (snprintf(shim->audit_room, PATH_MAX, "%.*s%s", folder, shim->path, audit_name) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	r = check_object(shim->audit_room);
	if (r == 0)
		shim->audit = shim->audit_room;
	return r;
}

/* By putenv(3), as setenv(3) keeps a second copy and a tree of them, which takes its time. */
static int set(const char *name, const char *value)
{
	char *variable = malloc(strlen(name) + strlen(value) + 2);

	if (!variable)
		return -ENOMEM;
	stpcpy(stpcpy(stpcpy(variable, name), "="), value);
	return putenv(variable) == 0 ? 0 : -errno;
}

/* Of several variables of this name, getenv(3) finds the first, and ld.so heeds the last. */
static const char *heeded(const char *name)
{
	size_t len = strlen(name);
	const char *value = NULL;

	for (char **e = environ; e && *e; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			value = *e + len + 1;
	return value;
}

/* Where ENTRY is in LIST, between separators; or NULL. */
static char *find_entry(const char *list, const char *entry)
{
	size_t len = strlen(entry);

	for (char *s = strstr(list, entry); s; s = strstr(s + 1, entry))
		if ((s == list || s[-1] == ':' || s[-1] == ' ') &&
		    (s[len] == '\0' || s[len] == ':' || s[len] == ' '))
			return s;
	return NULL;
}

/* Append PATH to the list that variable NAME has. */
static int append(const char *name, const char *path)
{
	const char *before = heeded(name);
	cleanup_free char *value = NULL;

	/* an empty value keeps its colon, so that the shim can tell it from none */
	if (!before)
		return set(name, path);
	/* from a chain that is inherited */
	if (find_entry(before, path))
		return 0;
	if (asprintf(&value, "%s:%s", before, path) < 0)
		return -ENOMEM;
	/* all of them, so that there is one for the shim to find */
	if (before != getenv(name))
		unsetenv(name);
	return set(name, value);
}

/*
 * With an auditor, glibc lays out the memory of thread-local variables before it knows the
 * libraries of the program, and those which insist on a place there (jemalloc) have to find
 * room in what is set aside for dlopen(3): 512 bytes, and some 1100 more.  Much more than
 * this would leave too little of a thread's stack that is as small as it may be.
 */
static int make_room_for_tls(void)
{
	static const char tunable[] = "glibc.rtld.optional_static_tls=";
	static const char entry[] = "glibc.rtld.optional_static_tls=4096";
	const char *before = getenv("GLIBC_TUNABLES");
	int r;

	if (before && strstr(before, tunable))
		return unsetenv(SETTING_TUNABLE) == 0 ? 0 : -errno;
	r = set(SETTING_TUNABLE, entry);
	return r == 0 ? append("GLIBC_TUNABLES", entry) : r;
}

static int set_audit(const struct shim *shim)
{
	int r = set(SETTING_AUDIT, shim->audit);

	if (r == 0)
		r = set(SETTING_COURIER, SETTING_COURIER_UNKNOWN);
	if (r == 0)
		r = make_room_for_tls();
	return r == 0 ? append("LD_AUDIT", shim->audit) : r;
}

void preload_inherit(struct options *options)
{
	const char *flags = getenv(SETTING_FLAGS);

	if (!flags || !getenv(SETTING_SHIM) || !strchr(flags, FLAG_INHERIT))
		return;
	options->inherit = true;
	options->follow_dlopen = options->follow_dlopen || strchr(flags, FLAG_FOLLOW);
}

/* Another shim, of a chain that is inherited, would take our settings for its own. */
static void replace_inherited(const struct shim *shim)
{
	const char *other = getenv(SETTING_SHIM);
	char *list = getenv("LD_PRELOAD"), *at;

	if (!other || !list || strcmp(other, shim->path) == 0)
		return;
	at = find_entry(list, other);
	/* what is left has a separator more, which ld.so does not mind */
	if (at)
		memmove(at, at + strlen(other), strlen(at + strlen(other)) + 1);
}

int preload_set_environment(const struct shim *shim, const struct options *options,
			    unsigned hops)
{
	char types[2] = { "0123456789abcdef"[options->types & SEAL_ALL], '\0' };
	char hops_text[2] = { (char)('0' + hops), '\0' };
	char flags[8] = "", *f = flags;
	int r;

	if (options->best_effort)
		*f++ = FLAG_BEST_EFFORT;
	if (options->inherit)
		*f++ = FLAG_INHERIT;
	if (options->quiet)
		*f++ = FLAG_QUIET;
	if (options->verbose)
		*f++ = FLAG_VERBOSE;
	if (!options->seal)
		*f++ = FLAG_DEFAULTED;
	if (shim->audit)
		*f++ = FLAG_FOLLOW;
	replace_inherited(shim);
	r = set(SETTING_SHIM, shim->path);
	if (r == 0)
		r = set(SETTING_SEAL, options->seal ? options->seal : SELECT_DEFAULT);
	if (r == 0)
		r = options->exclude ? set(SETTING_EXCLUDE, options->exclude) :
				       (unsetenv(SETTING_EXCLUDE), 0);
	if (r == 0)
		r = set(SETTING_TYPES, types);
	if (r == 0)
		r = set(SETTING_FLAGS, flags);
	if (r == 0)
		r = set(SETTING_HOPS, hops_text);
	/* last: nothing that we run ourselves may load the shim */
	if (r == 0 && shim->audit)
		r = set_audit(shim);
	return r < 0 ? r : append("LD_PRELOAD", shim->path);
}
