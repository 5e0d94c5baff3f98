/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FROZEN_H
#define MSEALCTL_FROZEN_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Is PID in a cgroup that is frozen, cgroups(7)?  Its threads run nothing until it is
 * thawed, though they can be stopped in version 2.  The first call takes longer: it looks for
 * the place where cgroups are mounted.
 */
bool process_frozen(pid_t pid);

/*
 * Would PTRACE_SEIZE of a thread of PID wait until it is thawed?  It does if the process was
 * stopped before the thread was frozen by version 1 of cgroups.
 */
bool process_blocks_seize(pid_t pid);

#endif
