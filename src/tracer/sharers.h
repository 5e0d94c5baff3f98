/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SHARERS_H
#define MSEALCTL_SHARERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A process with the same memory as another: clone(2), CLONE_VM without CLONE_THREAD; vfork(2). */
struct sharer {
	pid_t pid;
	bool loose;		/* could not be stopped */
};

struct sharers {
	struct sharer *items;
	size_t count;
	pid_t *looked_at;	/* every process that was compared, ascending */
	size_t looked_at_count;
};

/*
 * Add to SHARERS the processes that have the memory of thread TID of process PID and
 * are outside of it.  Only those are looked at that were not in an earlier call.
 *
 * Returns how many were added, or -errno; none where the kernel cannot tell
 * (kcmp(2), CONFIG_KCMP), or does not let us ask.
 */
int sharers_find(struct sharers *sharers, pid_t pid, pid_t tid);

/* SHARERS has no items any more; processes looked at stay so. */
void sharers_forget(struct sharers *sharers);

void sharers_free(struct sharers *sharers);

#endif
