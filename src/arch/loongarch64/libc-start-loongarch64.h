/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Ports of glibc that are younger than DT_INIT_ARRAY ignore DT_INIT: ELF_INITFINI is 0. */
#define LIBC_RUNS_DT_INIT 0

#include "libc-start-common.h"
