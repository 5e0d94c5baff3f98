/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_WORKER_H
#define MSEALCTL_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reading a process may never end: a page of its memory may belong to a file whose FUSE
 * server does not answer, or to a range that userfaultfd(2) serves and nothing does.  Such
 * a wait ends with SIGKILL only.  So another process, the worker, makes the calls that may
 * wait, and is killed if they take too long; the next call starts a new one.
 *
 * The worker shares all memory with this process, as a thread does, for forking would take
 * longer than the calls.  One of the two always waits for the other.
 */

/* From now on, worker_call() uses a worker; before, it calls the function itself. */
void worker_enable(void);

/* Can worker_call() run its function?  Starts a worker if one is needed. */
bool worker_can_serve(void);

/* End the worker, and wait until it is gone: it would be seen by others after our end. */
void worker_end(void);

/* The worker, or 0. */
pid_t worker_pid(void);

/* Is PID the worker, or one that was killed and may not have ended yet? */
bool worker_is(pid_t pid);

/* Is what runs now the worker? */
bool worker_is_serving(void);

/* No call waits longer than until DEADLINE, clock_now(); UINT64_MAX for no such limit. */
void worker_set_deadline(uint64_t deadline);

/*
 * Call FN from time to time while worker_call() waits, beside the worker's own function.
 * NULL: no longer.  Where a call of FN fails, the worker may see its errno.
 */
void worker_set_idle(void (*fn)(void));

/*
 * What the worker does with its copy of the arguments, which are copied back.  It may be
 * killed at any time, so it calls nothing that takes locks, such as malloc(3).
 */
typedef int worker_fn(void *args);

/* The most bytes of arguments. */
#define WORKER_ARGS_MAX ((size_t)128 << 10)

/*
 * Call FN with ARGS, SIZE bytes, and wait for it.  Returns what FN returned; or the error of
 * clone(2) or mmap(2) for a worker; or -ETIMEDOUT if it took too long: then the kernel may
 * still write where the worker was reading to, so such memory must never be used again.
 */
int worker_call(worker_fn *fn, void *args, size_t size);

/* In FN, around each call that may wait for another process; they keep errno. */
void worker_begin_wait(void);
void worker_begin_waits(size_t count);	/* for COUNT pages */
void worker_begin_short_wait(void);	/* for a lock that is seldom held for a millisecond */
void worker_end_wait(void);

#endif
