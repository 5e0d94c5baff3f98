/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SHMEM_H
#define MSEALCTL_SHMEM_H

#include <stddef.h>
#include <sys/types.h>

#include "maps.h"

enum shmem {
	SHMEM_UNKNOWN,
	SHMEM_NO,
	SHMEM_YES,
};

/* The file systems of one process's mappings, by device; start from { 0 }. */
struct shmem_devices {
	struct shmem_device {
		uint64_t device;
		enum shmem shmem;
	} *items;
	size_t count, capacity;
};

/*
 * Find out which devices hold files in shared memory, from the mounts that process PID and
 * we see.  A device that cannot be found stays unknown.
 */
void shmem_devices_read(struct shmem_devices *ret, pid_t pid);

/*
 * Is VMA a mapping of a file in shared memory: tmpfs, memfd_create(2), shmget(2)?  Unknown
 * where the file may lie on another file system than maps shows (overlayfs, FUSE).
 */
enum shmem shmem_of(const struct shmem_devices *devices, const struct vma *vma);

void shmem_devices_free(struct shmem_devices *devices);

#endif
