/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "shmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cleanup.h"

static enum shmem shmem_of_type(const char *type)
{
	/* a file on these may be one of another file system, or the type have two forms */
	static const char *const doubtful[] = { "overlay", "fuse", "aufs", "rootfs", "hugetlbfs" };

	if (strncmp(type, "tmpfs ", 6) == 0 || strncmp(type, "devtmpfs ", 9) == 0)
		return SHMEM_YES;
	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++)
		if (strncmp(type, doubtful[i], strlen(doubtful[i])) == 0)
			return SHMEM_UNKNOWN;
	return SHMEM_NO;
}

/* Out of memory, the device stays unknown. */
static void add_device(struct shmem_devices *devices, uint64_t device, enum shmem shmem)
{
	if (devices->count == devices->capacity) {
		size_t capacity = 2 * devices->capacity + 64;
		void *grown = reallocarray(devices->items, capacity, sizeof(*devices->items));

		if (!grown)
			return;
		devices->items = grown;
		devices->capacity = capacity;
	}
	devices->items[devices->count++] = (struct shmem_device){ device, shmem };
}

/* proc_pid_mountinfo(5): "36 35 98:0 /root /mount options [fields] - type source options" */
static void read_mounts(struct shmem_devices *devices, const char *path)
{
	cleanup_file FILE *f = fopen(path, "re");
	cleanup_free char *text = NULL;
	unsigned major, minor;
	size_t size = 0;

	while (f && getline(&text, &size, f) > 0) {
		const char *type = strstr(text, " - ");

		if (type && sscanf(text, "%*u %*u %u:%u", &major, &minor) == 2)
			add_device(devices, makedev(major, minor), shmem_of_type(type + 3));
	}
}

/* The kernel's own mount, which no process sees, has memfds and what shmget(2) makes. */
static void add_internal_mount(struct shmem_devices *devices)
{
	cleanup_fd int fd = memfd_create("", MFD_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0)
		add_device(devices, st.st_dev, SHMEM_YES);
}

static int compare_devices(const void *a, const void *b)
{
	const struct shmem_device *x = a, *y = b;

	return (x->device > y->device) - (x->device < y->device);
}

void shmem_devices_read(struct shmem_devices *ret, pid_t pid)
{
	char path[64];

	*ret = (struct shmem_devices){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	read_mounts(ret, path);
	/* it may have mapped files before it changed its root directory or mount namespace */
	read_mounts(ret, "/proc/self/mountinfo");
	add_internal_mount(ret);
	if (ret->count > 0)
		qsort(ret->items, ret->count, sizeof(ret->items[0]), compare_devices);
}

enum shmem shmem_of(const struct shmem_devices *devices, const struct vma *vma)
{
	struct shmem_device key = { .device = makedev(vma->dev_major, vma->dev_minor) };
	const struct shmem_device *found;

	if (vma->inode == 0)
		return SHMEM_NO;
	if (devices->count == 0)
		return SHMEM_UNKNOWN;
	found = bsearch(&key, devices->items, devices->count, sizeof(key), compare_devices);
	return found ? found->shmem : SHMEM_UNKNOWN;
}

void shmem_devices_free(struct shmem_devices *devices)
{
	free(devices->items);
	*devices = (struct shmem_devices){ 0 };
}
