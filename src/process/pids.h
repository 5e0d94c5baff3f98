/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PIDS_H
#define MSEALCTL_PIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The numbers of processes. */
struct pids {
	pid_t *items;
	size_t count, capacity;
};

/* Returns 0 or -ENOMEM. */
int pids_append(struct pids *pids, pid_t pid);

/* All processes that /proc lists, ascending.  Returns 0, or -errno, and RET is empty then. */
int pids_read(struct pids *ret);

void pids_sort(struct pids *pids);

bool pids_have(const struct pids *pids, pid_t pid);

/* The same of ascending ones, in less time. */
bool pids_contain(const struct pids *pids, pid_t pid);

void pids_free(struct pids *pids);

#endif
