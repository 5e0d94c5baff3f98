/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PIDS_H
#define MSEALCTL_PIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The numbers of processes, ascending. */
struct pids {
	pid_t *items;
	size_t count, capacity;
};

/* All processes that /proc lists.  Returns 0, or -errno, and RET is empty then. */
int pids_read(struct pids *ret);

bool pids_contain(const struct pids *pids, pid_t pid);

void pids_free(struct pids *pids);

#endif
