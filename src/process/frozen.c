/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "frozen.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "privileges.h"
#include "proc-file.h"
#include "process.h"

/* The place of a hierarchy of cgroups: its descriptor, or -1 if it is not mounted. */
static int open_place(bool unified)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;
	int place = -1;

	while (mounts && place < 0 && (mount = getmntent(mounts)))
		if (unified ? strcmp(mount->mnt_type, "cgroup2") == 0 :
			      strcmp(mount->mnt_type, "cgroup") == 0 && hasmntopt(mount, "freezer"))
			place = open(mount->mnt_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mounts)
		endmntent(mounts);
	return place;
}

/* The same, looked for once. */
static int place_of(bool unified)
{
	static struct { bool known; int fd; } places[2];

	if (!places[unified].known)
		places[unified].fd = open_place(unified);
	places[unified].known = true;
	return places[unified].fd;
}

/* NAME below PLACE, without a way out of it; -1 if there is none.  Waits for nothing. */
static int open_below(int place, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, place, name, &how, sizeof(how));

	/* before Linux 5.6, or under a filter of system calls */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(place, name, (int)how.flags);
	return (int)fd;
}

static bool is_of_cgroups(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 &&
	       (fs.f_type == CGROUP2_SUPER_MAGIC || fs.f_type == CGROUP_SUPER_MAGIC);
}

/*
 * Is the cgroup PATH of that hierarchy frozen, or being frozen?  One outside of the cgroup
 * namespace begins with "/..", cgroup_namespaces(7): it cannot be seen, and what that leads to
 * is another file.
 */
static bool cgroup_frozen(bool unified, const char *path)
{
	int place = place_of(unified);
	cleanup_free char *name = NULL;
	cleanup_fd int fd = -1;
	char text[256] = "";

	if (place < 0 || asprintf(&name, "%s/%s", path,
				  unified ? "cgroup.events" : "freezer.state") < 0 ||
	    strstr(name, "/../"))
		return false;
	fd = open_below(place, name + 1);
	return fd >= 0 && is_of_cgroups(fd) && read(fd, text, sizeof(text) - 1) > 0 &&
	       (unified ? strstr(text, "frozen 1") : strstr(text, "FR"));
}

/* Each thread may be in another cgroup of version 1. */
static bool thread_frozen(pid_t pid, pid_t tid)
{
	char text[8192], *next = text, *line;

	if (process_read_file(pid, tid, "cgroup", text, sizeof(text)) < 0)
		return false;
	/* "0::PATH" is version 2, "N:CONTROLLERS:PATH" version 1: cgroups(7) */
	while ((line = strsep(&next, "\n"))) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		controllers++;
		if ((controllers[0] == '\0' || strstr(controllers, "freezer")) &&
		    path[0] == '/' && path[1] != '\0' &&
		    cgroup_frozen(controllers[0] == '\0', path))
			return true;
	}
	return false;
}

bool process_frozen(pid_t pid)
{
	return thread_frozen(pid, pid);
}

/*
 * Where the hierarchy of its cgroup cannot be seen: does TID, in state D, wait in the kernel's
 * freezer, or for SIGCONT?  The state of the latter is T unless it is frozen.
 */
static bool waits_frozen(pid_t pid, pid_t tid)
{
	char place[64];
	int r;

	privileges_begin();
	r = process_read_file(pid, tid, "wchan", place, sizeof(place));
	privileges_end();
	/* functions of kernel/freezer.c and kernel/signal.c */
	return r == 0 && (strcmp(place, "__refrigerator") == 0 ||
			  strcmp(place, "do_signal_stop") == 0);
}

static int thread_blocks_seize(void *context, pid_t tid)
{
	const pid_t *pid = context;
	struct process p;

	return process_read_stat(*pid, tid, &p) == 0 && p.state == 'D' &&
	       (thread_frozen(*pid, tid) || waits_frozen(*pid, tid));
}

bool process_blocks_seize(pid_t pid)
{
	struct process p;

	/* one that was not stopped is none of these, nor are its threads */
	return process_read_stat(pid, pid, &p) == 0 && strchr("DTZ", p.state) &&
	       process_each_thread(pid, thread_blocks_seize, &pid) == 1;
}
