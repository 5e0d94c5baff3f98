/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SIGNALS_H
#define MSEALCTL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* The signals that were blocked before. */
struct held_signals {
	sigset_t mask;
	struct sigaction child;
};

/*
 * Block every signal while a target is in our hands: INT, TERM, HUP and the like
 * are acted on only after it has been let go.  SIGCHLD announces its stops.
 */
void signals_hold(struct held_signals *ret);

/* Unblock again; what has arrived meanwhile takes effect here. */
void signals_release(const struct held_signals *held);

/*
 * Sleep until a SIGCHLD arrives.  Returns 0; -ETIMEDOUT once CLOCK_MONOTONIC has
 * reached DEADLINE (ns); -EINTR if a signal that asks us to end came, which stays
 * pending for signals_release(), unless we are to wait on WHATEVER comes.
 */
int signals_wait_child(uint64_t deadline, bool whatever);

#endif
