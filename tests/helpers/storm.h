/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_STORM_H
#define MSEALCTL_TESTS_STORM_H

#include <stdbool.h>
#include <stddef.h>

/* What one thread of the target does all the time. */
struct actor {
	const char *name;
	void (*act)(unsigned round);
};

extern const struct actor actors[];
extern const size_t actor_count;

/* Memory that the target and its parent share. */
struct storm {
	volatile bool stop;
	volatile bool blocked;		/* the signal that is counted */
	volatile unsigned sent, received, alarms;
	volatile unsigned rounds[8];	/* of each actor */
	volatile unsigned bad;
	char what[128];
};

extern struct storm *storm;

void die(const char *what) __attribute__((noreturn));
/* Note that something is not as it should be; the first time counts. */
void complain(const char *what, long value);

#endif
