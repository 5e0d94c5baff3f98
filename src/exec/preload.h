/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PRELOAD_H
#define MSEALCTL_PRELOAD_H

#include <limits.h>
#include <stdbool.h>

#include "options.h"

/* The shim, found and fit to be named in LD_PRELOAD. */
struct shim {
	const char *audit;	/* what to name in LD_AUDIT to follow dlopen(3), or NULL */
	bool follows;		/* it can follow dlopen(3) */
	char path[PATH_MAX];
	char audit_room[PATH_MAX];	/* not even touched if it is not used */
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
 * Look for the auditor beside the shim.  Returns 0; or such an error, and SHIM->audit is
 * NULL.
 */
int preload_find_audit(struct shim *shim);

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
