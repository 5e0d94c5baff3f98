/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_KERNEL_CALLS_H
#define MSEALCTL_TESTS_KERNEL_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "model.h"

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

/*
 * For those that try one call each.  What it may return, if not one errno or 0: all but
 * EPERM; an error; whatever it is.
 */
#define ANY (-1)
#define ERROR (-2)
#define OPEN (-3)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A random range of at most MOST pages. */
struct range any_range(size_t most);

/* 0, or EPERM if one of the seals is in the range. */
int forbidden(struct range r, unsigned seals);

/*
 * Does RESULT, -1 with errno or something else, of the call NAME agree with what was
 * WANTed?  Ends the round if not.
 */
void agree(const char *name, struct range r, long result, int want);

/* advice.c */
void try_discard(void);
void try_advice_for_fork(void);
void try_advice(void);
void try_mlock(void);
void try_mbind(void);
void try_name(void);
void try_userfaultfd(void);

#endif
