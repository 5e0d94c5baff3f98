/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* As for the ports that came after DT_INIT_ARRAY: DT_INIT is ignored. */
#define LIBC_RUNS_DT_INIT 0

#include "libc-start-common.h"
