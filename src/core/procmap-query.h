/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PROCMAP_QUERY_H
#define MSEALCTL_PROCMAP_QUERY_H

#include <stdint.h>
#include <sys/ioctl.h>

/*
 * PROCMAP_QUERY of include/uapi/linux/fs.h (Linux 6.11), an ioctl(2) on /proc/PID/maps: one row
 * of it.  Debian 12's headers lack it.
 */
struct procmap_query {
	uint64_t size;		/* of this structure */
	uint64_t flags, addr;	/* what is asked for */
	uint64_t start, end, perms, page_size, offset, inode;
	uint32_t dev_major, dev_minor;
	uint32_t name_size, build_id_size;	/* of the buffers; 0: not wanted */
	uint64_t name, build_id;		/* their addresses */
};

#define PROCMAP_QUERY_IOCTL _IOWR('f', 17, struct procmap_query)
/* in .flags: the row at .addr, or else the next; the bits below are those of .perms */
#define PROCMAP_QUERY_OR_NEXT 0x10

#endif
