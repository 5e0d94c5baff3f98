/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ENVIRONMENT_H
#define MSEALCTL_ENVIRONMENT_H

#include "settings.h"

/*
 * Remove from ENVP the variables that "msealctl exec" has added for SETTINGS, in place: libc
 * has not even begun to use it.  While execs are still to come on the way to the program,
 * count one down instead.
 */
void environment_clean(char **envp, const struct settings *settings);

#endif
