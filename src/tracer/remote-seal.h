/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REMOTE_SEAL_H
#define MSEALCTL_REMOTE_SEAL_H

#include "inject.h"
#include "plan.h"

/*
 * Make the process of INJECTOR carry out PLAN by mseal(2), see plan_seal(), and end
 * the injection, whatever happens.  The results in PLAN must still be verified.
 *
 * Returns 0; or the error of inject_call(), if not all calls could be made, or of
 * inject_end().
 */
int remote_seal(struct injector *injector, struct plan *plan);

#endif
