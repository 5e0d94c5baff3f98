/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_KERNEL_CALLS_H
#define MSEALCTL_TESTS_KERNEL_CALLS_H

#include <stdint.h>

/* A number that is not in the headers of 6.1. */
#define MSEAL 462

/* Makes what follows depend on SEED, and nothing else. */
void begin_calls(uint64_t seed);

/* A random number from 0 to BELOW - 1. */
unsigned any(unsigned below);

/*
 * Makes a call, and changes the model as the call should change memory.  If its result is
 * not what the model says, prints both and exits with 1.
 */
void try_any_call(void);

/* Prints, as a diagnostic of TAP, which call that was. */
void say_last_call(void);

#endif
