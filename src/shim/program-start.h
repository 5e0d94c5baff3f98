/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PROGRAM_START_H
#define MSEALCTL_PROGRAM_START_H

#include <stdbool.h>

/*
 * A constructor may execute the program again (that of the thread sanitizer does), which is
 * sealed only if the environment still has our variables.  So these stay until main() is
 * called: the program's start code calls __libc_start_main(), which the shim has one of too,
 * and that hands another main() to libc's.
 *
 * Does it call ours?  If not (another object interposes it, the program starts in its own
 * way, or musl calls constructors later), the constructor of the shim has to remove them.
 */
bool program_start_is_ours(void);

#endif
