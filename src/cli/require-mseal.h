/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REQUIRE_MSEAL_H
#define MSEALCTL_REQUIRE_MSEAL_H

#include <stdbool.h>

#include "exit-status.h"
#include "mseal-support.h"

/*
 * Can TYPES (enum seal_type bits) be set here, where SUPPORT is what mseal_support_detect()
 * found?  Returns STATUS_OK; or STATUS_NO_MSEAL, or STATUS_ERROR where that is not known, after
 * an error that says why not, or after a warning with BEST_EFFORT.
 */
enum exit_status require_mseal(const struct mseal_support *support, unsigned types,
			       bool best_effort);

/* Is a sealed page refused to mprotect(2), in a child?  Returns as require_mseal(). */
enum exit_status require_effect(bool best_effort);

#endif
