/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PRELOAD_H
#define MSEALCTL_PRELOAD_H

#include <limits.h>
#include <stdbool.h>

#include "options.h"

/* The shim, found and fit to be named in LD_PRELOAD. */
struct shim {
	const char *entry;	/* what to name in LD_PRELOAD */
	const char *audit;	/* what to name in LD_AUDIT to follow dlopen(3), or NULL */
	const char *path32;	/* the file for 32-bit programs; NULL if they have none */
	bool follows;		/* it can follow dlopen(3) */
	char path[PATH_MAX];	/* the file for programs of our own class */
	/* what the others point to: pages that are not even touched if they are not used */
	struct { char entry[PATH_MAX], audit[PATH_MAX], path32[PATH_MAX]; } room;
};

/*
 * Look for the shim, the one that follows dlopen(3) if FOLLOW, beside our own executable
 * (the build tree), then where it is installed.  Returns 0; or -errno, RET->path being the
 * last place looked at.
 */
int preload_find_shim(struct shim *ret, bool follow);

/* What such an error means, in words. */
const char *preload_error_reason(int error);

/*
 * Look for the auditor beside the shim, for the same classes as that one serves now.
 * Returns 0 or such an error; then SHIM->audit is NULL.
 */
int preload_find_audit(struct shim *shim);

/*
 * Let one entry in LD_PRELOAD name the shims of both classes, with a "$LIB" that every
 * loader expands by itself.  Returns false, and all is as it was, if none was built for
 * 32 bits, or our own loader does not get from there to ours.
 */
bool preload_serve_32bit(struct shim *shim);

/*
 * Msealctl itself may be a child of an "exec --inherit": what it becomes goes on with that,
 * with the lists of its own; and with --follow-dlopen, if that was asked for, too.
 */
void preload_inherit(struct options *options);

/*
 * Put the shim's settings, and last of all LD_AUDIT and LD_PRELOAD, into our environment,
 * which is to be COMMAND's.  HOPS: see core/settings.h.  Returns 0 or -errno.
 */
int preload_set_environment(const struct shim *shim, const struct options *options,
			    unsigned hops);

#endif
