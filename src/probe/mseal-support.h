/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MSEAL_SUPPORT_H
#define MSEALCTL_MSEAL_SUPPORT_H

#include <stdbool.h>

#include "exit-status.h"
#include "mseal.h"

/* What stands between us and mseal. */
struct support {
	enum mseal_abi abi;
	bool filtered;		/* a seccomp filter is the cause, or may be */
	char detail[160];	/* in words */
};

void support_detect(struct support *ret);

/*
 * Can TYPES (enum seal_type bits) be set here?  STATUS_OK, or STATUS_NO_MSEAL
 * after saying why not.
 */
enum exit_status support_require(unsigned types);

#endif
