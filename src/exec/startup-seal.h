/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_STARTUP_SEAL_H
#define MSEALCTL_STARTUP_SEAL_H

#include "startup.h"

/* What the files of a traced start share; the program is stopped.  0 or -errno. */

/* Before any call is made: has the program no seccomp filters but those of msealctl? */
void startup_compare_filters(struct startup *startup);

/*
 * Before the first instruction: seal the selected code and constants of the program
 * and its loader, except objects with text relocations.
 */
int startup_seal_early(struct startup *startup);

/*
 * The start-up is over: seal what was selected, read it back, and report what could not
 * be sealed, with -EPERM.
 */
int startup_seal(struct startup *startup);

/* The same where the shim had to seal: check that it has, or return -EPERM. */
int startup_check_shim(struct startup *startup);

/* Record WHY the program cannot be sealed, unless that is known already.  Returns ERROR. */
int startup_fail(struct startup *startup, int error, const char *why);

/* How long threads may take to stop, and a program to make another call. */
#define STARTUP_TIMEOUT_NS (5 * NS_PER_S)

/* How long a process that ptrace(2) does not find any more may take to die. */
#define STARTUP_DEATH_MS 20

/* Has the program died, or does it within TIMEOUT_MS? */
bool startup_has_died(const struct startup *startup, int timeout_ms);

/* Report once that the program is not sealed: it cannot run, or with --best-effort it does. */
void startup_log_failure(struct startup *startup);

/*
 * End the program with status 125: by an exit_group(2) that it calls at once or, if it
 * cannot, in place of its next call; or else by SIGKILL.
 */
void startup_refuse(struct startup *startup);

#endif
