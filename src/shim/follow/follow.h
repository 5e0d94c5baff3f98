/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FOLLOW_H
#define MSEALCTL_FOLLOW_H

#include <stdbool.h>

#include "environment.h"

/*
 * From now on, seal the objects that this process loads with dlopen(3), as SETTINGS say,
 * which are copied.  Each is made to stay (RTLD_NODELETE) before; it is sealed when the
 * loader has finished with it and before its own code runs.  Those without any initializer
 * have to wait until the next dlopen(3).
 *
 * NULL in the shim that does not follow.
 *
 * Returns whether that is possible, having said why if not.  What cannot be sealed later
 * is reported, and the program goes on: it is too late not to run it.
 */
__attribute__((weak, visibility("hidden")))
bool follow_start(const struct settings *settings);

#endif
