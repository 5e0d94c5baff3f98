/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SHIM_ENVIRONMENT_H
#define MSEALCTL_SHIM_ENVIRONMENT_H

#include "arena.h"
#include "settings.h"

/*
 * Make an environment for COMMAND out of ours, in which SETTINGS travel, and in which
 * LD_PRELOAD names the shim and, to follow dlopen(3), LD_AUDIT the auditor.
 *
 * What is added stands at the end.  So the strings that are left when the shim has removed
 * it are one block in memory, as without us: programs write their titles over it.
 *
 * Returns 0 or ARENA_FULL.
 */
int shim_environment_make(const struct settings *settings, struct arena *arena, char ***ret);

#endif
