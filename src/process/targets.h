/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TARGETS_H
#define MSEALCTL_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pids.h"

/* A process that a command looks at. */
struct target {
	pid_t pid;
	bool found;		/* by a search, rather than named by its PID */
	int pidfd;		/* if found; -1 where there are no descriptors for it */
	uint64_t starttime;	/* if found, as in struct process; 0 if not known */
};

struct targets {
	struct target *items;
	size_t count;
	/*
	 * Processes that had ended by the time that the last search looked at them, ascending.
	 * They may have started others that were not listed.
	 */
	struct pids ended;
	size_t lost;		/* how many of them had not ended by the search before */
	struct pids matching_ended;	/* those of them that were known to match */
	size_t matching_lost;	/* how many of these had not ended by the search before */
};

/* Which processes to find.  What is NULL or false narrows nothing. */
struct process_filter {
	/* globs: command name or base name of the executable, see cgroup.h for the last two */
	char *name, *exe, *unit, *cgroup;
	char *user;		/* as it was given */
	uid_t uid;		/* the real one of that user */
	bool all;		/* even if nothing narrows it */
	bool children;		/* add all processes that descend from these */
	struct pids except;	/* in any order */
};

/* Is there anything in FILTER that finds processes, beside those named by PID? */
bool process_filter_finds(const struct process_filter *filter);

/* Processes of which it could not be read whether the filter has them. */
struct unjudged {
	size_t count;
	size_t by_name;		/* of them: command name known, and not the one asked for */
	pid_t pid;		/* one of them */
	const char *what;	/* what could not be read of that one: "its executable" */
	int error;		/* why not: -errno */
};

/*
 * Find the processes of NAMED, or those that FILTER finds, and add its children.  Kernel
 * threads, what has ended and this process are left out.  Each that was found is the same
 * process as long as target_has_ended() is false: a descriptor is held for it, as far as
 * RLIMIT_NOFILE goes, which is raised for that.
 * Returns 0, or -errno if processes cannot be listed.
 */
int targets_find(struct targets *ret, const struct pids *named,
		 const struct process_filter *filter, struct unjudged *ret_unjudged);

/*
 * Find once more, and append those that are not in TARGETS yet, which it sorts.  Returns how
 * many there are, or as targets_find().  There are no others if it returns 0 and none was lost.
 */
int targets_find_more(struct targets *targets, const struct pids *named,
		      const struct process_filter *filter, struct unjudged *ret_unjudged);

/* Has a process that was found ended since, or is it about to? */
bool target_has_ended(const struct target *target);

void targets_free(struct targets *targets);

#endif
