/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SIGNAL_STACK_H
#define MSEALCTL_SIGNAL_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote-abi.h"

/*
 * Is a thread on its alternate signal stack (sigaltstack(2))?  BYTES are the LEN bytes
 * above its stack pointer BASE.  The kernel has no interface for this, but the frame with
 * which the handler was started shows it.  Such a stack may be an array among other
 * variables, with live data right below it.
 */
bool signal_stack_is_alternate(const struct remote_abi *abi, const unsigned char *bytes,
			       size_t len, uint64_t base);

#endif
