/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CLOCK_H
#define MSEALCTL_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

/* CLOCK_MONOTONIC, ns.  All deadlines are in it. */
uint64_t clock_now(void);

/* How long it is from now to DEADLINE; zero if that has passed. */
struct timespec clock_left(uint64_t deadline);

#endif
