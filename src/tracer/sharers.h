/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SHARERS_H
#define MSEALCTL_SHARERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A process with the same memory as another: vfork(2), or clone(2) with CLONE_VM alone. */
struct sharer {
	pid_t pid;
	bool running;		/* cannot be stopped */
	bool unknown;		/* whether it has the same memory: it could not be compared */
};

struct sharers {
	struct sharer *items;
	size_t count;
	size_t slow;		/* how many processes could not be compared in time */
};

/*
 * Add to SHARERS the other processes that use the memory of thread TID of process PID.
 * Later calls add only those that are not in it.
 *
 * Returns how many were added; 0 too where kcmp(2) is missing (CONFIG_KCMP) or not permitted;
 * -ETIMEDOUT if several processes could not be compared; or another -errno.
 */
int sharers_find(struct sharers *sharers, pid_t pid, pid_t tid);

/* Do A and B use the same memory, as far as kcmp(2) knows?  Kernel threads and zombies all do. */
bool sharers_compare(pid_t a, pid_t b);

/* Remove all items. */
void sharers_forget(struct sharers *sharers);

void sharers_free(struct sharers *sharers);
#define cleanup_sharers __attribute__((cleanup(sharers_free)))

#endif
