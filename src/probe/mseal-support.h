/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MSEAL_SUPPORT_H
#define MSEALCTL_MSEAL_SUPPORT_H

#include <stdbool.h>

#include "mseal.h"

/* Whether mseal(2) can be called here, and why not. */
struct mseal_support {
	enum mseal_abi abi;
	int error;		/* it could not be tried: an errno; else 0 */
	bool filtered;		/* a seccomp filter is, or may be, why it cannot */
	bool kills;		/* the filter kills who calls it */
	char detail[160];	/* the answer in words */
};

/* Try it, under a seccomp filter in a child, which may be killed. */
void mseal_support_detect(struct mseal_support *ret);

#endif
