/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * PTRACE_SEIZE waits for cred_guard_mutex, which a thread of the target holds while it
 * executes a program: until that program could be opened, and until the other threads
 * have been reaped (de_thread() of the kernel's fs/exec.c).  Those that are traced already
 * stay zombies until their tracer waits for them, and so both would wait for ever.
 *
 * A timer's signal interrupts the wait, which the kernel restarts by itself once the
 * handler returns.  The handler reaps zombies, and jumps out of the call if it is time to
 * give up.  The signal is blocked everywhere else, so the handler may do anything.
 */
#include "seize.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <time.h>

#include "clock.h"
#include "privileges.h"
#include "signals.h"
#include "tracee-internal.h"

/* No program that starts msealctl sends it this signal; a timer(2) is not inherited. */
#define TICK_SIGNAL SIGRTMIN

static struct tracee *waiting;
static sigjmp_buf give_up;
static timer_t timer;

#define TICK (5 * NS_PER_MS)

/* When the call began, or its threads were reaped. */
static uint64_t since;

static void on_tick(int sig)
{
	int saved = errno;

	(void)sig;
	/* it looks at all threads, which may take longer than a tick */
	if (clock_now() - since >= TICK) {
		tracee_reap(waiting);
	tracee_reap_left(waiting);
		since = clock_now();
	}
	if (signals_ending())
		siglongjmp(give_up, EINTR);
	if (clock_now() >= waiting->deadline)
		siglongjmp(give_up, ETIMEDOUT);
	errno = saved;
}

int seize_begin(void)
{
	const struct timespec period = { .tv_nsec = TICK };
	const struct itimerspec tick = { .it_value = period, .it_interval = period };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = TICK_SIGNAL };

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
		return -errno;
	sigaction(TICK_SIGNAL, &(struct sigaction){ .sa_handler = on_tick }, NULL);
	timer_settime(timer, 0, &tick, NULL);
	return 0;
}

void seize_end(void)
{
	timer_delete(timer);
	/* discards one that is pending */
	signal(TICK_SIGNAL, SIG_IGN);
	signal(TICK_SIGNAL, SIG_DFL);
}

int seize(struct tracee *t, pid_t tid, int options, uint64_t fresh)
{
	sigset_t tick;
	int r;

	sigemptyset(&tick);
	sigaddset(&tick, TICK_SIGNAL);
	waiting = t;
	since = clock_now();
	privileges_raise(CAP_SYS_PTRACE);
	/* the mask that is restored is the one with the signal blocked */
	r = -sigsetjmp(give_up, 1);
	if (r == 0) {
		sigprocmask(SIG_UNBLOCK, &tick, NULL);
		r = clock_now() >= fresh ? -EAGAIN :
		    ptrace(PTRACE_SEIZE, tid, NULL, (long)options) == 0 ? 0 : -errno;
		if (r == 0)
			ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
		sigprocmask(SIG_BLOCK, &tick, NULL);
	} else {
		/* if it was seized just before: the stop leads to its release, see stop.c */
		ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	}
	privileges_lower();
	return r;
}
