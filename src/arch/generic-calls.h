/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_GENERIC_CALLS_H
#define MSEALCTL_GENERIC_CALLS_H

/* What follows from the calls of asm-generic/unistd.h, which aarch64 and riscv64 share. */
#include <stdbool.h>

#include "startup-calls.h"

/* Does the kernel keep a struct restart_block for call NUMBER when it is interrupted? */
bool generic_call_is_timed(long number);

/* The same; or is it restart_syscall(2), which has the one of such a call? */
bool generic_call_may_have_restart_block(long number);

extern const struct startup_calls generic_startup_calls;

#endif
