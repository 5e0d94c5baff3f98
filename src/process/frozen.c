/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "frozen.h"

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "privileges.h"
#include "process.h"

/* The place of a hierarchy of cgroups; malloc'ed, NULL if it is not mounted. */
static char *find_place(bool unified)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;
	char *place = NULL;

	while (mounts && !place && (mount = getmntent(mounts)))
		if (unified ? strcmp(mount->mnt_type, "cgroup2") == 0 :
			      strcmp(mount->mnt_type, "cgroup") == 0 && hasmntopt(mount, "freezer"))
			place = strdup(mount->mnt_dir);
	if (mounts)
		endmntent(mounts);
	return place;
}

/* The same, looked for once. */
static const char *place_of(bool unified)
{
	static struct { bool known; char *place; } places[2];

	if (!places[unified].known)
		places[unified].place = find_place(unified);
	places[unified].known = true;
	return places[unified].place;
}

/* Is the cgroup PATH of that hierarchy frozen, or being frozen? */
static bool cgroup_frozen(bool unified, const char *path)
{
	const char *place = place_of(unified);
	cleanup_free char *name = NULL;
	cleanup_fd int fd = -1;
	char text[256] = "";

	if (!place || asprintf(&name, "%s%s/%s", place, path,
			       unified ? "cgroup.events" : "freezer.state") < 0)
		return false;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 &&
	       (unified ? strstr(text, "frozen 1") : strstr(text, "FR"));
}

bool process_frozen(pid_t pid)
{
	char text[8192], *next = text, *line;

	if (process_read_file(pid, pid, "cgroup", text, sizeof(text)) < 0)
		return false;
	/* "0::PATH" is version 2, "N:CONTROLLERS:PATH" version 1: cgroups(7) */
	while ((line = strsep(&next, "\n"))) {
		const char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		controllers++;
		if ((controllers[0] == '\0' || strstr(controllers, "freezer")) &&
		    path[1] != '\0' && cgroup_frozen(controllers[0] == '\0', path))
			return true;
	}
	return false;
}

/*
 * Where the hierarchy of its cgroup cannot be seen: does PID, in state D, wait in the kernel's
 * freezer, or for SIGCONT?  The state of the latter is T unless it is frozen.
 */
static bool waits_frozen(pid_t pid)
{
	char place[64];
	int r;

	privileges_begin();
	r = process_read_file(pid, pid, "wchan", place, sizeof(place));
	privileges_end();
	/* functions of kernel/freezer.c and kernel/signal.c */
	return r == 0 && (strcmp(place, "__refrigerator") == 0 ||
			  strcmp(place, "do_signal_stop") == 0);
}

bool process_blocks_seize(pid_t pid)
{
	struct process p;

	return process_read_stat(pid, pid, &p) == 0 && p.state == 'D' &&
	       (process_frozen(pid) || waits_frozen(pid));
}
