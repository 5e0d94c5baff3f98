/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "signals.h"

#include <errno.h>

#include "clock.h"

const int ending_signals[ENDING_SIGNALS] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

void signals_hold(struct held_signals *ret)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, now;
	sigset_t all;

	sigfillset(&all);
	/* one that is ignored, as under nohup(1), would end a wait if it were blocked */
	for (size_t i = 0; i < ENDING_SIGNALS; i++)
		if (sigaction(ending_signals[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN)
			sigdelset(&all, ending_signals[i]);
	sigprocmask(SIG_SETMASK, &all, &ret->mask);
	/* if the parent left it ignored, no stop would end a wait */
	sigaction(SIGCHLD, &plain, &ret->child);
}

void signals_release(const struct held_signals *held)
{
	sigaction(SIGCHLD, &held->child, NULL);
	sigprocmask(SIG_SETMASK, &held->mask, NULL);
}

int signals_wait_child(uint64_t deadline, bool interruptible)
{
	struct timespec timeout = clock_left(deadline);
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; interruptible && i < ENDING_SIGNALS; i++)
		sigaddset(&set, ending_signals[i]);
	do {
		sig = sigtimedwait(&set, NULL, &timeout);
	} while (sig < 0 && errno == EINTR);
	if (sig < 0)
		return -ETIMEDOUT;
	if (sig == SIGCHLD)
		return 0;
	raise(sig);		/* pending again */
	return -EINTR;
}

bool signals_ending(void)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < ENDING_SIGNALS; i++)
		if (sigismember(&pending, ending_signals[i]))
			return true;
	return false;
}
