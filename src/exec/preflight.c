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
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "path.h"
#include "process.h"

/* BINPRM_BUF_SIZE of include/uapi/linux/binfmts.h: a "#!" line is cut here */
#define HEAD_SIZE 256
/* fs/exec.c, exec_binprm(): the limit for interpreters of interpreters, then ELOOP */
#define DEPTH_MAX 5

/* include/uapi/linux/lsm.h, and the number that the call has on all machines */
#ifndef __NR_lsm_get_self_attr
#define __NR_lsm_get_self_attr 459
#endif
#define LSM_ATTR_CURRENT 100

#define BLANKS " \t"

/* It cannot be run.  Returns false, so that callers can return it. */
static bool fail(struct preflight *p, const char *object, int error)
{
	p->error = error;
	snprintf(p->object, sizeof(p->object), "%s", object);
	return false;
}

/* Keep OBSTACLE if it is the worst.  Returns whether there is any use in looking further. */
static bool note(struct preflight *p, enum obstacle obstacle, const char *object)
{
	enum shim_fate fate = obstacles[obstacle].fate;

	if (fate > obstacles[p->obstacle].fate) {
		p->obstacle = obstacle;
		snprintf(p->object, sizeof(p->object), "%s", object);
	}
	return fate != SHIM_USELESS;
}

/* May PATH be executed, as far as can be seen?  0, or an errno. */
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

static bool check_file(struct preflight *p, const char *path, int depth);

static bool check_named(struct preflight *p, const char *name, int depth)
{
	char path[PATH_MAX];
	int error = find_command(name, path);

	return error ? fail(p, name, error) : check_file(p, path, depth);
}

/* Does this assignment decide which program is found, or whether the shim gets into it? */
static bool is_ours_to_set(const char *word)
{
	static const char *const names[] = { "PATH=", "LD_", "GLIBC_TUNABLES=", "MSEALCTL_" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(word, names[i], strlen(names[i])) == 0)
			return true;
	return false;
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
		/* most assignments change nothing; options and quotes may change all */
		if (word[0] == '-' || strpbrk(word, "\\'\"$") || is_ours_to_set(word))
			break;
		if (split && word[0] != '=' && strchr(word, '='))
			continue;
		p->execs_ahead++;
		return check_named(p, word, depth);
	}
	return note(p, OBSTACLE_ENV, path);
}

/* Follow "#! INTERPRETER [ARGUMENT]". */
static bool check_script(struct preflight *p, const char *path, char *line, int depth)
{
	char *interpreter, *rest, *end;
	int error;

	interpreter = line + strspn(line, BLANKS);
	end = strpbrk(interpreter, BLANKS);
	rest = end ? end + strspn(end, BLANKS) : interpreter + strlen(interpreter);
	if (end)
		*end = '\0';
	/* the kernel drops blanks at the end of the line */
	for (end = rest + strlen(rest); end > rest && strchr(BLANKS, end[-1]); )
		*--end = '\0';
	if (depth == DEPTH_MAX)
		return fail(p, path, ELOOP);
	error = executable(interpreter);
	if (error)
		return fail(p, interpreter, error);
	if (!check_file(p, interpreter, depth + 1))
		return false;
	if (strcmp(path_base(interpreter), "env") == 0)
		return check_env(p, path, rest, depth + 1);
	return true;
}

static bool check_elf(struct preflight *p, const char *path, int fd)
{
	enum shim_fate before = obstacles[p->obstacle].fate;
	struct program_elf program;
	int r = program_elf_read(&program, path, fd);
	bool useful;

	if (r < 0)
		return fail(p, path, -r);
	strcpy(p->elf, path);
	p->gains_privileges |= program.gain != GAINS_NOTHING;
	useful = note(p, way_obstacle(&program), path);
	if (obstacles[p->obstacle].fate > before)
		strcpy(p->loader, program.loader_path);
	return useful;
}

/*
 * Does HEAD, which ends with a NUL, name an interpreter behind its "#!", and to the end?  A
 * path that is cut off the kernel does not run: fs/binfmt_script.c.
 */
static bool has_interpreter(const char head[HEAD_SIZE + 1])
{
	const char *name = head + 2 + strspn(head + 2, BLANKS);
	size_t len = strcspn(name, BLANKS "\n");

	return len > 0 && name + len < head + HEAD_SIZE;
}

static bool check_file(struct preflight *p, const char *path, int depth)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[HEAD_SIZE + 1];
	ssize_t n;

	if (fd < 0 && errno == EACCES)
		return note(p, OBSTACLE_UNREADABLE, path);
	n = fd >= 0 ? pread(fd, head, HEAD_SIZE, 0) : -1;
	if (n < 0)
		return fail(p, path, errno);
	head[n] = '\0';
	if (n >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0)
		return check_elf(p, path, fd);
	if (n >= 2 && memcmp(head, "#!", 2) == 0 && has_interpreter(head)) {
		head[strcspn(head, "\n")] = '\0';
		return check_script(p, path, head + 2, depth);
	}
	/* execvp(3) hands it to the shell; but what has a NUL in it is no shell script */
	if (memchr(head, '\0', (size_t)n) || depth > 0)
		return fail(p, path, ENOEXEC);
	p->by_shell = true;
	return check_file(p, _PATH_BSHELL, depth + 1);
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

/* Where glibc's own loader may leave the shim out: it warns, and goes on without. */
static enum obstacle surroundings(void)
{
	if (getenv("LD_AUDIT"))
		return OBSTACLE_AUDITOR;
	if (process_memory_limited())
		return OBSTACLE_MEMORY_LIMIT;
	return has_security_module() ? OBSTACLE_SECURITY_MODULE : OBSTACLE_NONE;
}

void preflight_check(struct preflight *ret, const char *command)
{
	int error = find_command(command, ret->path);

	if (error)
		fail(ret, command, error);
	else if (check_file(ret, ret->path, 0))
		note(ret, surroundings(), ret->path);
}
