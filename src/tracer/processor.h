/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PROCESSOR_H
#define MSEALCTL_PROCESSOR_H

#include <sched.h>
#include <stdbool.h>

/* The processors that we were allowed to run on before. */
struct processors {
	cpu_set_t set;
	bool changed;
};

/*
 * Run on CPU alone, if we may.  A tracer and its tracee run in turn: on two
 * processors each turn would wake the other one up, which takes several times as
 * long as a system call with its two stops.
 */
void processor_follow(struct processors *ret, int cpu);

/* Run wherever we could before. */
void processor_return(const struct processors *before);

#endif
