/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FOLLOW_H
#define MSEALCTL_FOLLOW_H

#include <stdbool.h>

#include "environment.h"

/*
 * From now on, seal the objects that this process loads with dlopen(3), as SETTINGS, which
 * are copied, demand.  follow/README has the theory.  Returns false after a message with the reason
 * if that is not possible.  Objects that cannot be sealed later are reported, and the program
 * goes on.  NULL in libmsealctl.so, the shim without follow/.
 */
__attribute__((weak, visibility("hidden")))
bool follow_start(const struct settings *settings);

#endif
