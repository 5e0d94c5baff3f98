/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * inflight [half|late|loop]... CALL...: a process with one thread blocked in each CALL (the
 * first is the main thread; "all": each there is).  Prints "pid PID" and, once every
 * thread is seen to be blocked, "ready".  A line "finish", or the end of input, then
 * lets all calls end as they should; prints "CALL ok" or "CALL bad: ...", where bad is
 * another result, an EINTR, a return before its time, or long after it though the
 * kernel knew the rest.
 *
 * half: be ready only when half of the timeout is over.
 * late: the whole timeout once more is not too late.
 * loop: make the calls that time ends again and again.  A line "still" is answered
 * with "blocked ROUNDS TID..." when all are blocked again, where TIDs had an EINTR,
 * since asked before, that the kernel gives to a call that any stop interrupts.
 * list: print the names of all calls, with a "*" where it does so.
 *
 * The calls are made in a child, so that nothing but them is in the process.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inflight.h"

#define CALLS_MAX 80
#define BLOCK_TRIES 10000	/* of 1 ms */
#define SLACK_MS 300		/* how late is late on a busy machine, */
#define SLACK_VARIABLE "MSEALCTL_TEST_SLACK"	/* if that does not say so */

const struct timespec tick = { 0, 1000000 };
static struct slot *slots;
static __thread struct slot *own;
static size_t slot_count;
static pid_t worker;
static bool half, late, loop;
static long slack = SLACK_MS;

void die(const char *what)
{
	fprintf(stderr, "inflight: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool is_good(const struct slot *s)
{
	const struct call *c = s->call;

	if (s->result != c->result || s->error != c->error)
		return false;
	if (c->finish)
		return s->last;
	/* 1: clocks that tick in jiffies */
	if (s->elapsed_ms < TIMEOUT_MS - 1)
		return false;
	/* made again, it may begin anew; not more than that, if it was stopped once */
	return loop ||
	       s->elapsed_ms < TIMEOUT_MS * (c->fate == RESTARTS && !late ? 1 : 2) + slack;
}

/* An EINTR that the kernel alone may have given: no signal has come. */
static bool is_interrupted(const struct slot *s)
{
	return loop && s->result == -1 && s->error == EINTR && s->call->fate == INTERRUPTED;
}

static void *run_slot(void *data)
{
	struct slot *s = data;

	own = s;
	s->pid = getpid();
	s->tid = (pid_t)syscall(SYS_gettid);
	for (;;) {
		long began = now_ms();

		s->result = s->call->run(s);
		s->error = s->result == -1 ? errno : 0;
		s->elapsed_ms = now_ms() - began;
		if (is_interrupted(s))
			s->interrupted++;
		else if (!loop || s->last || s->call->finish || !is_good(s))
			break;
		s->rounds++;
	}
	s->done = true;
	return NULL;
}

static void count_alarm(int sig)
{
	(void)sig;
	own->alarms++;
}

static void be_worker(void)
{
	pthread_t threads[CALLS_MAX];
	sigset_t blocked;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, count_alarm);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (size_t i = 1; i < slot_count; i++)
		if (pthread_create(&threads[i], NULL, run_slot, &slots[i]) != 0)
			die("pthread_create");
	run_slot(&slots[0]);
	for (size_t i = 1; i < slot_count; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

/* /proc/PID/task/TID/syscall begins with the number of the call that it is blocked in. */
static bool is_blocked(const struct slot *s)
{
	char path[96], text[64] = "";
	long number;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", worker, s->tid);
	f = s->tid ? fopen(path, "r") : NULL;
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	number = text[0] >= '0' && text[0] <= '9' ? strtol(text, NULL, 10) : -1;
	return number == s->call->number || number == SYS_restart_syscall;
}

/* Returns the slot that is not, or NULL. */
static const struct slot *wait_until_blocked(void)
{
	for (size_t i = 0; i < slot_count; i++) {
		for (unsigned tries = 0; !is_blocked(&slots[i]); tries++) {
			if (tries == BLOCK_TRIES || slots[i].done)
				return &slots[i];
			nanosleep(&tick, NULL);
		}
	}
	return NULL;
}

static void print_bad(const struct slot *s)
{
	printf("%s bad: %s, result %ld, errno %s, after %ld ms\n", s->call->name,
	       s->done ? "returned" : "did not return", s->result,
	       s->error ? strerrorname_np(s->error) : "0", s->elapsed_ms);
}

static bool print_result(const struct slot *s)
{
	if (!s->done || !is_good(s)) {
		print_bad(s);
		return false;
	}
	printf("%s ok\n", s->call->name);
	return true;
}

static void answer_still(void)
{
	const struct slot *bad = wait_until_blocked();
	unsigned rounds = 0;

	if (bad) {
		print_bad(bad);
		return;
	}
	for (size_t i = 0; i < slot_count; i++)
		rounds += slots[i].rounds;
	printf("blocked %u", rounds);
	for (size_t i = 0; i < slot_count; i++) {
		unsigned interrupted = slots[i].interrupted;

		if (interrupted != slots[i].seen)
			printf(" %d", slots[i].tid);
		slots[i].seen = interrupted;
	}
	putchar('\n');
}

/* If a call does not return at all, the others' results are still to be had. */
static int wait_for_worker(void)
{
	int status;

	for (unsigned tries = 0; tries < END_TRIES; tries++) {
		pid_t got = waitpid(worker, &status, WNOHANG);

		if (got == worker)
			return status;
		if (got < 0)
			die("waitpid");
		nanosleep(&tick, NULL);
	}
	kill(worker, SIGKILL);
	if (waitpid(worker, &status, 0) != worker)
		die("waitpid");
	return status;
}

static int finish(void)
{
	bool good = true;
	int status;

	for (size_t i = 0; i < slot_count; i++) {
		struct slot *s = &slots[i];

		/* one that has returned already will be distinguished from those that were let */
		s->last = !s->done || !s->call->finish;
		if (s->call->finish && s->last)
			s->call->finish(s);
	}
	status = wait_for_worker();
	for (size_t i = 0; i < slot_count; i++)
		good = print_result(&slots[i]) && good;
	if (WIFSIGNALED(status))
		printf("killed by signal %d\n", WTERMSIG(status));
	return good && status == 0 ? 0 : 1;
}

static void add_slots(const char *name, const struct call *table)
{
	for (const struct call *c = table; c && c->name; c++) {
		struct slot *s = &slots[slot_count];

		if (c->number == NO_CALL ||
		    (strcmp(name, "all") != 0 && strcmp(name, c->name) != 0))
			continue;
		if (slot_count == CALLS_MAX - 1)
			die("too many calls");
		s->call = c;
		if (c->prepare)
			c->prepare(s);
		slot_count += s->call != NULL;
	}
}

static void print_names(const struct call *table)
{
	for (const struct call *c = table; c && c->name; c++)
		if (c->number != NO_CALL)
			printf("%s%s\n", c->name, c->fate == INTERRUPTED ? " *" : "");
}

static void take_word(const char *word)
{
	size_t before = slot_count;

	if (strcmp(word, "half") == 0) {
		half = true;
	} else if (strcmp(word, "late") == 0) {
		late = true;
	} else if (strcmp(word, "loop") == 0) {
		loop = true;
	} else if (strcmp(word, "list") == 0) {
		print_names(wait_calls);
		print_names(io_calls);
		print_names(ipc_calls);
		exit(0);
	} else {
		add_slots(word, wait_calls);
		add_slots(word, io_calls);
		add_slots(word, ipc_calls);
		if (slot_count == before) {
			fprintf(stderr, "inflight: no call '%s' here\n", word);
			exit(2);
		}
	}
}

static int serve(void)
{
	char line[16];

	while (fgets(line, sizeof(line), stdin) && strcmp(line, "still\n") == 0) {
		answer_still();
		fflush(stdout);
	}
	return finish();
}

int main(int argc, char **argv)
{
	long began = now_ms();
	const struct slot *bad;
	int status;

	slots = mmap(NULL, CALLS_MAX * sizeof(*slots), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (slots == MAP_FAILED)
		die("mmap");
	if (getenv(SLACK_VARIABLE))
		slack = atol(getenv(SLACK_VARIABLE));
	for (int i = 1; i < argc; i++)
		take_word(argv[i]);
	worker = slot_count > 0 ? fork() : -1;
	if (worker == 0)
		be_worker();
	bad = wait_until_blocked();
	if (bad)
		die(bad->call->name);
	while (half && now_ms() - began < TIMEOUT_MS / 2)
		nanosleep(&tick, NULL);
	printf("pid %d\nready\n", worker);
	fflush(stdout);
	status = serve();
	for (size_t i = 0; i < slot_count; i++)
		if (slots[i].call->remove)
			slots[i].call->remove(&slots[i]);
	return status;
}
