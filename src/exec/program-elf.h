/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PROGRAM_ELF_H
#define MSEALCTL_PROGRAM_ELF_H

#include <stdbool.h>

#include "preflight.h"

/*
 * What the ELF file PATH, open at FD, means for the shim: its machine and width, the
 * privileges that it gains, and its loader.  What there is to say goes into P; false if
 * it cannot be run, or nothing can be known of it.
 */
bool preflight_check_elf(struct preflight *p, const char *path, int fd);

#endif
