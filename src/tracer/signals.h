/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SIGNALS_H
#define MSEALCTL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* They ask msealctl to end. */
#define ENDING_SIGNALS 4
extern const int ending_signals[ENDING_SIGNALS];

/* The signal mask, and the action of SIGCHLD, of before. */
struct held_signals {
	sigset_t mask;
	struct sigaction child;
};

/*
 * Block every signal while a target is traced: SIGINT, SIGTERM and others take effect only
 * once it has been released.  SIGCHLD announces its stops.
 */
void signals_hold(struct held_signals *ret);

/* Unblock them; what has arrived meanwhile takes effect here. */
void signals_release(const struct held_signals *held);

/*
 * Sleep until a SIGCHLD arrives.  Returns 0; -ETIMEDOUT once DEADLINE (clock.h) has passed;
 * if INTERRUPTIBLE, -EINTR when a signal asks msealctl to end.  That signal stays pending
 * for signals_release().
 */
int signals_wait_child(uint64_t deadline, bool interruptible);

/* Does a signal that asks msealctl to end wait for signals_release()? */
bool signals_ending(void);

#endif
