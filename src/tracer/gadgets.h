/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_GADGETS_H
#define MSEALCTL_GADGETS_H

#include <stddef.h>
#include <stdint.h>

#include "memory.h"
#include "region.h"
#include "remote-abi.h"

/* Addresses of instructions that are mapped in a process already; 0 if not found. */
struct gadgets {
	uint64_t syscall;		/* a system call instruction */
	uint64_t syscall_return;	/* one with a return behind it, and only pops between */
	size_t pops;			/* how many */
	uint64_t restorer;		/* code that calls rt_sigreturn */
};

/*
 * Look through the executable regions: the vdso, the loader and the C library,
 * then everything, until all are found or enough has been looked at.  Any bytes
 * that read as the instruction serve, wherever the compiler thought that one
 * begins.
 */
void gadgets_find(struct gadgets *ret, const struct memory *m, const struct regions *regions,
		  const struct remote_abi *abi);

#endif
