/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "signals.h"

#include <errno.h>

#include "clock.h"

/* Those that tell us to end. */
static const int enders[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

void signals_hold(struct held_signals *ret)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, now;
	sigset_t all;

	sigfillset(&all);
	/* what is ignored, under nohup(1) say, would be waited for nevertheless if blocked */
	for (size_t i = 0; i < sizeof(enders) / sizeof(enders[0]); i++)
		if (sigaction(enders[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN)
			sigdelset(&all, enders[i]);
	sigprocmask(SIG_SETMASK, &all, &ret->mask);
	/* whoever started us may have ignored it, and then no stop would wake us */
	sigaction(SIGCHLD, &plain, &ret->child);
}

void signals_release(const struct held_signals *held)
{
	sigaction(SIGCHLD, &held->child, NULL);
	sigprocmask(SIG_SETMASK, &held->mask, NULL);
}

int signals_wait_child(uint64_t deadline, bool whatever)
{
	struct timespec timeout = clock_left(deadline);
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; !whatever && i < sizeof(enders) / sizeof(enders[0]); i++)
		sigaddset(&set, enders[i]);
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
