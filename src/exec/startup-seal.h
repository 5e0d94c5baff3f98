/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_STARTUP_SEAL_H
#define MSEALCTL_STARTUP_SEAL_H

#include "startup.h"

/* From now on, what is waited for must come within seconds. */
void startup_begin_work(struct startup *startup);

/* Say that the program is not sealed: why it cannot run, or with --best-effort that it does. */
void startup_log_failure(const struct startup *startup, const char *reason);

/* These print what goes wrong, as startup_lead() does. */

/*
 * Before the first instruction: seal the selected code and constants of the program
 * and its loader, but for an object with text relocations.  Returns 0 or -errno.
 */
int startup_seal_early(struct startup *startup);

/*
 * The start-up is over: seal all that was selected, and read it back; or, if the shim
 * was to seal, look whether it has.  Returns 0 if all is sealed, -ECANCELED if not,
 * or -errno.
 */
int startup_seal(struct startup *startup);

/*
 * End the program with status 125: by an exit_group(2) that it is made to call at
 * once, or if that cannot be, in the place of the next call that it makes.
 */
void startup_refuse(struct startup *startup);

#endif
