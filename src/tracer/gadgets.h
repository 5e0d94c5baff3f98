/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_GADGETS_H
#define MSEALCTL_GADGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory.h"
#include "region.h"
#include "remote-abi.h"

/* Addresses of instructions that a process has mapped; 0 if not found. */
struct gadgets {
	uint64_t syscall;		/* a system call instruction */
	uint64_t syscall_return;	/* one followed by a return, with only pops between */
	size_t pops;			/* how many pops */
	uint64_t restorer;		/* code that calls rt_sigreturn */
	uint64_t loads[REMOTE_LOADS];	/* code that pops that register and returns */
};

/*
 * Search the executable regions: first the vdso, the loader and the C library, then all
 * others, until everything is found or a limit of bytes is reached.  Any bytes that
 * decode as the instruction will do, even inside another instruction.  With LOADS, what
 * loads registers is searched as well, though not as far.  Where RET says that something was
 * found before, that is looked for first; otherwise it must be { 0 }.
 */
void gadgets_find(struct gadgets *ret, const struct memory *m, const struct regions *regions,
		  const struct remote_abi *abi, bool loads);

bool gadgets_have_loads(const struct gadgets *g);

#endif
