/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_OWN_MEMORY_H
#define MSEALCTL_OWN_MEMORY_H

#include <errno.h>
#include <unistd.h>

#include "memory.h"
#include "tap.h"

/*
 * Can memory be read as that of another process?  qemu-user cannot do it.  Returns false
 * after a line that skips what TITLE says.
 */
static inline bool has_remote_reads(const char *title)
{
	struct memory own = memory_of(getpid());
	char byte = 0, copy;

	if (own.read(&own, (uintptr_t)&byte, &copy, 1) != -ENOSYS)
		return true;
	printf("ok %u - %s # SKIP no process_vm_readv(2) here\n", ++tap_checks, title);
	return false;
}

#endif
