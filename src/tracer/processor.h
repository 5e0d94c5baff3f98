/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PROCESSOR_H
#define MSEALCTL_PROCESSOR_H

#include <sched.h>
#include <stdbool.h>

/* The processors that a process was allowed to run on before. */
struct processors {
	pid_t pid;
	cpu_set_t set;
	bool changed;
};

/*
 * Let PID, or this process if that is 0, run on CPU alone, if that is allowed.  A tracer and
 * its tracee run in turn.  On an idle machine polling (tracee.c) makes that fast without
 * this: 1.13 ms for an attach.  With other work on every processor, each turn would wait for
 * the scheduler to wake the other side: an attach took 20 to 94 ms, and 4 to 5 ms on one
 * processor.
 */
void processor_follow(struct processors *ret, pid_t pid, int cpu);

/* The same of the worker, if there is one. */
void processor_follow_worker(struct processors *ret, int cpu);

/* Let it run on the processors of before. */
void processor_return(const struct processors *before);

#endif
