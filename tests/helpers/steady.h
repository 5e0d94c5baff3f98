/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_STEADY_H
#define MSEALCTL_TESTS_STEADY_H

#include <stdint.h>

/* All that a program can see of a thread; steady-ARCHITECTURE.c says what is where. */
struct steady_state {
	_Alignas(64) unsigned char bytes[16640];
};

/* Once: find out what this processor has.  Returns NULL, or why it cannot be used. */
const char *steady_begin(void);

/* Values that differ from register to register, SEED to seed. */
void steady_fill(struct steady_state *state, uint64_t seed);

/*
 * With all registers loaded from IN: count down from ROUNDS, which changes nothing but one
 * register, and store what they are then in OUT.
 */
void steady_spin(const struct steady_state *in, struct steady_state *out, uint64_t rounds);

/* What differs, or NULL.  It calls nothing of libc, as steady_spin(). */
const char *steady_compare(const struct steady_state *in, const struct steady_state *out);

/*
 * Leave no code mapped but that of the program itself, which has what a call needs to be made,
 * but not what loads the registers of another one.  NULL where no program has that.
 */
void steady_drop_libraries(void) __attribute__((weak));

#endif
