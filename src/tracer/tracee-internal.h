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

/*
 * Wait for the threads that have exited, and for no others.  They are THREAD_GONE then, and
 * so are those that are not traced any more.
 */
void tracee_reap(struct tracee *tracee);

/* Wait for threads of its process that have exited, and were left traced by an earlier try. */
void tracee_reap_left(struct tracee *tracee);

/*
 * Detach from threads of earlier targets that had not stopped in time, such as the parent of a
 * vfork(2), and have by now.  Only while no thread is stopped.
 */
void tracee_let_go_left(void);

/*
 * Wait until DEADLINE for the next state change of tracee WANTED; of any if that is 0, or
 * gone without a status, for which the kernel looks through all of them.  Signal-delivery
 * stops are peeked (WNOWAIT) and come again until the signal is injected.
 *
 * Returns 0; -ESRCH if this process has no tracee; or as signals_wait_child().
 */
int tracee_next_status(pid_t wanted, pid_t *ret_tid, int *ret_status, uint64_t deadline);

/*
 * Wait until no thread of TRACEE can run, and one at least is stopped.  Each is waited for in
 * turn; if one takes long, those that are not expected are looked for: of an exec, or let go
 * before.  Returns 0, or as tracee_stop().
 */
int tracee_wait_stopped(struct tracee *tracee);

#endif
