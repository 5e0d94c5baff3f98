/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_COUNTERS_H
#define MSEALCTL_TESTS_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A counter for each CPU, incremented without locks in restartable sequences, rseq(2).
 * Beside the callers of counters_add() a rival on each CPU increments them all the
 * time: a sequence that goes on after it should have been aborted loses what the
 * rival has added meanwhile.
 */
void counters_start(void);
void counters_add(void);
bool counters_ended(void);

/* End them.  Is the sum of the counters that of ROUNDS and of what the rivals did? */
void counters_end(void);
bool counters_match(const volatile unsigned *rounds, unsigned count);

/* inside of a sequence, so that most stops find us there */
#define COUNTERS_SPINS 5000

/* One to a cache line; the assembler code shifts by 6. */
struct counter {
	uint64_t value;
	uint64_t rest[7];
};

struct rseq;

/* One try, of counters-ARCHITECTURE.c.  Returns false if it was aborted. */
bool counters_add_once(struct rseq *area, struct counter *counters);

#endif
