/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SEIZE_H
#define MSEALCTL_SEIZE_H

#include "tracee.h"

/*
 * PTRACE_SEIZE and PTRACE_INTERRUPT of threads, in passes between seize_begin() and
 * seize_end(), while signals are held (signals.h).  A pass sleeps nowhere else.
 *
 * seize_begin() returns 0; -EDQUOT if RLIMIT_SIGPENDING leaves no room for a timer; or -errno.
 * seize() returns 0; -EAGAIN, with nothing done, once
 * the time FRESH has passed; -errno of ptrace(2); -ETIMEDOUT once TRACEE's deadline has
 * passed; or -EINTR if a signal asks msealctl to end.  Threads of TRACEE that exit
 * meanwhile are reaped, and are THREAD_GONE.
 */
int seize_begin(void);
void seize_begin_pass(void);
int seize(struct tracee *tracee, pid_t tid, int options, uint64_t fresh);
void seize_end_pass(void);
void seize_end(void);

#endif
