/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_GENERIC_CALLS_H
#define MSEALCTL_GENERIC_CALLS_H

#include "startup-calls.h"

/* Of asm-generic/unistd.h, which aarch64 and riscv64 share. */
extern const struct startup_calls generic_startup_calls;

#endif
