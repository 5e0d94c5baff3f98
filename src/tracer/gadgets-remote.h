/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_GADGETS_REMOTE_H
#define MSEALCTL_GADGETS_REMOTE_H

#include <sys/types.h>

#include "gadgets.h"

/*
 * gadgets_find() in the memory of thread TID, with one turn of the worker (worker.h) for all
 * that is read of it.
 */
void gadgets_find_remote(struct gadgets *ret, pid_t tid, const struct regions *regions,
			 const struct remote_abi *abi, bool loads);

#endif
