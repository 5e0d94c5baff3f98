/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * storm [ACTOR...]: a process that gets a queued signal every 100 us from another one
 * and an alarm every 100 us from a timer, while it makes calls whose results are known,
 * and while a thread for each ACTOR does what storm-actors.c says.  Prints "pid PID",
 * "area START END" of memory that it does not use, and "ready"; answers a line of input with "ok NUMBER" or "bad: ..." once so many
 * signals have come; at the end of input waits until all that was sent has come, prints
 * "sent N received N alarms N", "ACTOR N" for each, and "ok" or "bad: ...".  Bad is a
 * signal that is lost, comes twice, in another order or while it is blocked, and any
 * result that is not the right one.
 *
 * storm exit STATUS: do that.
 */
#include "storm.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS 100000
#define COUNTED SIGRTMIN
#define DRAIN_TRIES 20000	/* of 1 ms */
#define ANSWER_TRIES 20000	/* of PERIOD_NS */
#define SPINS 20000
#define AREA_SIZE (1ul << 30)	/* for attach to seal new pages of each time */

struct storm *storm;

static const struct actor *chosen[8];
static size_t chosen_count;

void die(const char *what)
{
	fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
	exit(1);
}

void complain(const char *what, long value)
{
	if (__atomic_fetch_add(&storm->bad, 1, __ATOMIC_SEQ_CST) == 0)
		snprintf(storm->what, sizeof(storm->what), "%s %ld", what, value);
}

static void count_signal(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)sig;
	(void)context;
	if (storm->blocked)
		complain("a blocked signal came: number", info->si_value.sival_int);
	if ((unsigned)info->si_value.sival_int != storm->received)
		complain("a signal out of order: number", info->si_value.sival_int);
	storm->received++;
	errno = saved;
}

static void count_alarm(int sig)
{
	(void)sig;
	__atomic_fetch_add(&storm->alarms, 1, __ATOMIC_RELAXED);
}

static void set_handlers(void)
{
	struct sigaction counted = { .sa_sigaction = count_signal,
				     .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction alarmed = { .sa_handler = count_alarm, .sa_flags = SA_RESTART };
	const struct itimerval period = { { 0, PERIOD_NS / 1000 }, { 0, PERIOD_NS / 1000 } };

	if (sigaction(COUNTED, &counted, NULL) != 0 || sigaction(SIGALRM, &alarmed, NULL) != 0 ||
	    setitimer(ITIMER_REAL, &period, NULL) != 0)
		die("handlers");
}

static void *run_actor(void *data)
{
	const size_t *i = data;

	while (!storm->stop)
		chosen[*i]->act(storm->rounds[*i]++);
	return NULL;
}

static void spin(void)
{
	volatile unsigned sum = 0;

	for (unsigned i = 0; i < SPINS; i++)
		sum += i;
	if (sum != SPINS / 2 * (SPINS - 1u))
		complain("a sum was", sum);
}

static void with_signal_blocked(const sigset_t *counted)
{
	pthread_sigmask(SIG_BLOCK, counted, NULL);
	storm->blocked = true;
	spin();
	if (getppid() <= 1)
		complain("getppid", 1);
	storm->blocked = false;
	pthread_sigmask(SIG_UNBLOCK, counted, NULL);
}

/* The handlers have SA_RESTART: a read is never cut short by them. */
static void through_pipe(const int fds[2], unsigned round)
{
	unsigned char in = (unsigned char)round, out = 0;

	if (write(fds[1], &in, 1) != 1 || read(fds[0], &out, 1) != 1 || out != in)
		complain("a pipe gave", out);
}

static void work(void)
{
	sigset_t counted;
	int fds[2];

	sigemptyset(&counted);
	sigaddset(&counted, COUNTED);
	if (pipe(fds) != 0)
		die("pipe");
	for (unsigned round = 0; !storm->stop || storm->received != storm->sent; round++) {
		with_signal_blocked(&counted);
		through_pipe(fds, round);
		spin();
	}
}

/* Only the main thread takes the counted signal, so that the order is known. */
static void be_target(void)
{
	pthread_t threads[8];
	size_t numbers[8];
	sigset_t counted;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	set_handlers();
	sigemptyset(&counted);
	sigaddset(&counted, COUNTED);
	pthread_sigmask(SIG_BLOCK, &counted, NULL);
	for (size_t i = 0; i < chosen_count; i++) {
		numbers[i] = i;
		if (pthread_create(&threads[i], NULL, run_actor, &numbers[i]) != 0)
			die("pthread_create");
	}
	pthread_sigmask(SIG_UNBLOCK, &counted, NULL);
	work();
	for (size_t i = 0; i < chosen_count; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

/* What is known once all has come that was sent before; the answer to a line of input. */
static void answer(unsigned asked)
{
	if (storm->bad > 0)
		printf("bad: %s\n", storm->what);
	else
		printf("ok %u\n", asked);
	fflush(stdout);
}

/* Until there is no more input; true if the target is alive then. */
static bool send_signals(pid_t target)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	const struct timespec period = { 0, PERIOD_NS };
	unsigned asked = 0, waited = 0;
	char line[16];

	/* or each sleep would be 50 us longer */
	prctl(PR_SET_TIMERSLACK, 1ul);
	for (;;) {
		const union sigval number = { .sival_int = (int)storm->sent };

		if (asked == 0 && poll(&input, 1, 0) != 0) {
			if (read(0, line, sizeof(line)) <= 0)
				return true;
			asked = storm->sent;
			waited = 0;
		}
		/* one that is lost is missed when the next has come */
		if (asked > 0 && (storm->received > asked || storm->bad > 0 ||
				  ++waited == ANSWER_TRIES)) {
			answer(asked);
			asked = 0;
		}
		/* what has not been sent cannot come: EAGAIN, when too many are pending */
		storm->sent++;
		if (sigqueue(target, COUNTED, number) != 0)
			storm->sent--;
		if (waitpid(target, NULL, WNOHANG) == target)
			return false;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &period, NULL);
	}
}

/* It ends by itself when all has come; if not, something is lost. */
static bool wait_for_end(pid_t target)
{
	const struct timespec tick = { 0, 1000000 };
	int status;

	storm->stop = true;
	for (unsigned tries = 0; tries < DRAIN_TRIES; tries++) {
		pid_t got = waitpid(target, &status, WNOHANG);

		if (got == target && status != 0)
			complain("the target ended with", status);
		if (got == target)
			return true;
		nanosleep(&tick, NULL);
	}
	complain("signals are missing, or a thread hangs", (long)(storm->sent - storm->received));
	kill(target, SIGKILL);
	return false;
}

static void take_words(char **words)
{
	for (; *words; words++) {
		size_t i = 0;

		while (i < actor_count && strcmp(actors[i].name, *words) != 0)
			i++;
		if (i == actor_count || chosen_count == 8)
			die(*words);
		chosen[chosen_count++] = &actors[i];
	}
}

int main(int argc, char **argv)
{
	pid_t target;
	void *area;

	if (argc == 3 && strcmp(argv[1], "exit") == 0)
		return atoi(argv[2]);
	take_words(argv + 1);
	area = mmap(NULL, AREA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	storm = mmap(NULL, sizeof(*storm), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (storm == MAP_FAILED || area == MAP_FAILED)
		die("mmap");
	target = fork();
	if (target == 0)
		be_target();
	/* a signal must not come before its handler is there */
	while (storm->alarms == 0)
		if (waitpid(target, NULL, WNOHANG) == target)
			die("the target");
	printf("pid %d\narea %p %p\nready\n", target, area, (char *)area + AREA_SIZE);
	fflush(stdout);
	if (send_signals(target))
		wait_for_end(target);
	else
		complain("the target has died after", (long)storm->received);
	printf("sent %u received %u alarms %u\n", storm->sent, storm->received, storm->alarms);
	for (size_t i = 0; i < chosen_count; i++)
		printf("%s %u\n", chosen[i]->name, storm->rounds[i]);
	if (storm->bad > 0)
		printf("bad: %s (and %u more)\n", storm->what, storm->bad - 1);
	else
		puts("ok");
	return storm->bad > 0 ? 1 : 0;
}
