/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ENVIRONMENT_H
#define MSEALCTL_ENVIRONMENT_H

#include "settings.h"

/*
 * Get ENVP ready for the program, in place: libc has not even begun to use it.  What
 * "msealctl exec" has added for SETTINGS is removed; or with --inherit marked, so that its
 * children know what they are.  While execs are still to come on the way to the program,
 * one is counted down instead.
 */
void environment_pass_on(char **envp, const struct settings *settings);

#endif
