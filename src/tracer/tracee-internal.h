/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TRACEE_INTERNAL_H
#define MSEALCTL_TRACEE_INTERNAL_H

/* What stop.c needs of tracee.c, and no other file. */
#include "tracee.h"

/*
 * tracee_find(): the entry of thread TID, or NULL.  tracee_add(): that, or a new entry in
 * state THREAD_GONE; NULL if there is no memory.  It may move the other entries.
 */
struct tracee_thread *tracee_find(const struct tracee *tracee, pid_t tid);
struct tracee_thread *tracee_add(struct tracee *tracee, pid_t pid, pid_t tid);

/* Set THREAD's state, and keep the counters of TRACEE right. */
void tracee_set_state(struct tracee *tracee, struct tracee_thread *thread,
		      enum thread_state state);

/* Wait for the threads that have exited, which are THREAD_GONE then, and for no others. */
void tracee_reap(struct tracee *tracee);

/*
 * Wait until DEADLINE for the next state change of any tracee.  Signal-delivery stops are
 * peeked (WNOWAIT) and come again until the signal is injected.
 *
 * Returns 0; -ESRCH if this process has no tracee; or as signals_wait_child().
 */
int tracee_next_status(pid_t *ret_tid, int *ret_status, uint64_t deadline);

#endif
