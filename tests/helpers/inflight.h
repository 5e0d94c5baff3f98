/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_INFLIGHT_H
#define MSEALCTL_TESTS_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* when a call that nothing else ends is over, ms */
#define TIMEOUT_MS 2500

struct call;

/* One call in flight: what it needs, made by the parent, and what came of it.  In memory
 * that the two processes share. */
struct slot {
	const struct call *call;
	int fds[2];		/* a pipe or a pair of sockets: [0] is waited on */
	int id;			/* of System V, or the pid to wait for */
	int word;		/* futex */
	volatile pid_t pid, tid;
	volatile bool done;
	volatile long result;
	volatile int error;
	volatile long elapsed_ms;
};

struct call {
	const char *name;
	long number;
	long (*run)(struct slot *slot);
	void (*finish)(struct slot *slot);	/* NULL: the time ends it */
	long result;
	int error;
};

extern const struct call calls[];
extern const size_t call_count;

void die(const char *what) __attribute__((noreturn));
void make_resources(struct slot *s);
void remove_resources(const struct slot *s);
void fork_child(struct slot *s);
long run_read(struct slot *s);

#endif
