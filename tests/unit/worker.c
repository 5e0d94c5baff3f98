/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* How long the worker may take: to wait, and to work while others want the processor. */
#include "worker.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "tap.h"

/* Each of so many has this share of one processor, so that three seconds of it take twelve. */
#define SHARE 4
#define WORK (3 * NS_PER_S)

static uint64_t used(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static int work(void *args)
{
	uint64_t began = used();

	(void)args;
	while (used() - began < WORK)
		;
	return 1;
}

static int wait_for_ever(void *args)
{
	(void)args;
	worker_begin_wait();
	for (;;)
		pause();
	return 1;
}

static int answer(void *args)
{
	int *n = args;

	*n *= 2;
	return 7;
}

static void test_busy(void)
{
	pid_t others[SHARE - 1];
	uint64_t began = clock_now();
	int none = 0;

	for (int i = 0; i < SHARE - 1; i++) {
		others[i] = fork();
		if (others[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				;
		}
	}
	is(worker_call(work, &none, sizeof(none)), 1, "the worker may work while others do");
	ok(clock_now() - began > SHARE * WORK * 9 / 10, "and they did");
	for (int i = 0; i < SHARE - 1; i++) {
		kill(others[i], SIGKILL);
		waitpid(others[i], NULL, 0);
	}
}

static void test_wait(void)
{
	uint64_t began = clock_now();
	int none = 0;

	is(worker_call(wait_for_ever, &none, sizeof(none)), -ETIMEDOUT, "a wait ends");
	ok(clock_now() - began < 5 * NS_PER_S, "soon");
}

int main(void)
{
	cpu_set_t one;
	int n = 21;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	worker_enable();
	if (!worker_can_serve()) {
		printf("1..0 # SKIP no CLONE_VM alone, as in qemu-user\n");
		return 0;
	}
	is(worker_call(answer, &n, sizeof(n)), 7, "the worker's result");
	is(n, 42, "and what it wrote to its arguments");
	test_wait();
	test_busy();
	worker_end();
	return tap_done();
}
