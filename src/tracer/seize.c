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
 * give up.  Outside of the call it does nothing, so in it, it may do anything.
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

/* NULL outside of the call. */
static struct tracee *volatile waiting;
static sigjmp_buf give_up;
static timer_t timer;

#define TICK (5 * NS_PER_MS)

/* When the call began, or its threads were reaped. */
static uint64_t since;

static void on_tick(int sig)
{
	int saved = errno;

	(void)sig;
	if (!waiting)
		return;
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

static void mask_tick(int how)
{
	sigset_t tick;

	sigemptyset(&tick);
	sigaddset(&tick, TICK_SIGNAL);
	sigprocmask(how, &tick, NULL);
}

int seize_begin(void)
{
	const struct timespec period = { .tv_nsec = TICK };
	const struct itimerspec tick = { .it_value = period, .it_interval = period };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = TICK_SIGNAL };

	/* EAGAIN: the user has as many signals queued as RLIMIT_SIGPENDING allows */
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
		return errno == EAGAIN ? -EDQUOT : -errno;
	sigaction(TICK_SIGNAL, &(struct sigaction){
		.sa_handler = on_tick, .sa_flags = SA_RESTART,
	}, NULL);
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

void seize_begin_pass(void)
{
	mask_tick(SIG_UNBLOCK);
}

void seize_end_pass(void)
{
	mask_tick(SIG_BLOCK);
}

int seize(struct tracee *t, pid_t tid, int options, uint64_t fresh)
{
	int r;

	since = clock_now();
	if (since >= fresh)
		return -EAGAIN;
	privileges_raise(CAP_SYS_PTRACE);
	/* without the mask, which takes a system call */
	r = -sigsetjmp(give_up, 0);
	if (r == 0) {
		waiting = t;
		r = ptrace(PTRACE_SEIZE, tid, NULL, (long)options) == 0 ? 0 : -errno;
		waiting = NULL;
	} else {
		waiting = NULL;
		/* blocked in its handler */
		mask_tick(SIG_UNBLOCK);
	}
	/* if it was seized just before the jump: the stop leads to its release, see stop.c */
	if (r == 0 || r == -EINTR || r == -ETIMEDOUT)
		ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	privileges_lower();
	return r;
}
