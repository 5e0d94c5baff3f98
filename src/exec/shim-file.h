/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SHIM_FILE_H
#define MSEALCTL_SHIM_FILE_H

#include <limits.h>
#include <stdbool.h>

/* Why ld.so would not load an object. */
enum shim_fault {
	SHIM_OK,
	SHIM_UNREADABLE,	/* an errno says why */
	SHIM_NO_OBJECT,		/* no shared object for our machine */
	SHIM_SPLIT,		/* its path would be split at a space or colon */
	SHIM_TOKEN,		/* a $ in its path would be expanded */
	SHIM_NOEXEC,		/* its file system is mounted noexec */
	SHIM_FAULT_COUNT,
};

/* An object of msealctl that programs load: the shim, or the auditor. */
struct shim_file {
	enum shim_fault fault;
	int error;		/* an errno, for SHIM_UNREADABLE */
	int fd;			/* the file that was checked; closed by an exec */
	char path[PATH_MAX];	/* the last place looked at, if there is a fault */
};

/*
 * Look for the shim, the one that follows dlopen(3) if FOLLOW, beside our own executable
 * (the build tree), then where it is installed; and check that ld.so will load it.
 */
void shim_file_find(struct shim_file *ret, bool follow);

/* The same for the auditor, which must be beside SHIM. */
void shim_file_find_auditor(struct shim_file *ret, const struct shim_file *shim);

#define SHIM_PIN_SIZE (PATH_MAX + 64)

/*
 * Leave the checked file open for COMMAND, and write to RET a path by which COMMAND's loader
 * opens this very file, even if another one has taken its place by then.  It is at least as
 * long as the file's own path, which the shim puts in its place; "" where /proc does not
 * serve for that.
 */
void shim_file_pin(const struct shim_file *file, char ret[SHIM_PIN_SIZE]);

/* The fault in words. */
const char *shim_file_reason(const struct shim_file *file);

#endif
