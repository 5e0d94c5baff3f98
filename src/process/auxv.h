/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_AUXV_H
#define MSEALCTL_AUXV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What execve(2) tells a program about itself, getauxval(3). */
struct auxv {
	uint64_t entry;		/* AT_ENTRY: where its own code begins */
	uint64_t base;		/* AT_BASE: its loader; 0 if it has none */
	uint64_t phdr;		/* AT_PHDR: its program headers */
	bool secure;		/* AT_SECURE: execve(2) gave it privileges */
};

/*
 * Read the auxiliary vector of a process, 64-bit or 32-bit, through its thread TID.
 * Returns 0, -ENODATA if it is empty, cut short or without an entry point, or the error
 * of open(2) or read(2).
 */
int auxv_read(pid_t tid, struct auxv *ret);

#endif
