/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * inflight CALL... | all: a process with one thread blocked in each CALL (the first is
 * the main thread).  Prints "pid PID" and, once every thread is seen to be blocked,
 * "ready".  A line of input then lets all calls end as they should; prints "CALL ok" or
 * "CALL bad: ...", where bad is another result, an EINTR, or a return before its time.
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

#define CALLS_MAX 40
#define BLOCK_TRIES 10000	/* of 1 ms */

static struct slot *slots;
static size_t slot_count;
static pid_t worker;

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

static void *run_slot(void *data)
{
	struct slot *s = data;
	long began = now_ms();

	s->pid = getpid();
	s->tid = (pid_t)syscall(SYS_gettid);
	s->result = s->call->run(s);
	s->error = s->result == -1 ? errno : 0;
	s->elapsed_ms = now_ms() - began;
	s->done = true;
	return NULL;
}

static void ignore_signal(int sig)
{
	(void)sig;
}

static void be_worker(void)
{
	pthread_t threads[CALLS_MAX];
	sigset_t blocked;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, ignore_signal);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (size_t i = 0; i < slot_count; i++)
		fork_child(&slots[i]);
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
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", worker, s->tid);
	f = s->tid ? fopen(path, "r") : NULL;
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return text[0] >= '0' && text[0] <= '9' && strtol(text, NULL, 10) == s->call->number;
}

static void wait_until_blocked(void)
{
	const struct timespec tick = { 0, 1000000 };

	for (size_t i = 0; i < slot_count; i++) {
		unsigned tries = 0;

		while (!is_blocked(&slots[i])) {
			if (++tries == BLOCK_TRIES)
				die(slots[i].call->name);
			nanosleep(&tick, NULL);
		}
	}
}

static bool print_result(const struct slot *s)
{
	const struct call *c = s->call;
	bool early = !c->finish && s->elapsed_ms < TIMEOUT_MS - 1;

	if (s->done && s->result == c->result && s->error == c->error && !early) {
		printf("%s ok\n", c->name);
		return true;
	}
	printf("%s bad: %s, result %ld, errno %s, after %ld ms\n", c->name,
	       s->done ? "returned" : "did not return", s->result,
	       s->error ? strerrorname_np(s->error) : "0", s->elapsed_ms);
	return false;
}

static int finish(void)
{
	bool good = true, returned[CALLS_MAX];
	int status;

	for (size_t i = 0; i < slot_count; i++)
		returned[i] = slots[i].call->finish && slots[i].done;
	for (size_t i = 0; i < slot_count; i++)
		if (slots[i].call->finish && !returned[i])
			slots[i].call->finish(&slots[i]);
	if (waitpid(worker, &status, 0) != worker)
		die("waitpid");
	for (size_t i = 0; i < slot_count; i++) {
		if (returned[i])
			printf("%s bad: returned before it was to\n", slots[i].call->name);
		good = print_result(&slots[i]) && !returned[i] && good;
	}
	if (WIFSIGNALED(status))
		printf("killed by signal %d\n", WTERMSIG(status));
	return good && status == 0 ? 0 : 1;
}

static void add_slots(const char *name)
{
	size_t before = slot_count;

	for (size_t i = 0; i < call_count; i++) {
		if (strcmp(name, "all") != 0 && strcmp(name, calls[i].name) != 0)
			continue;
		if (slot_count == CALLS_MAX)
			break;
		slots[slot_count].call = &calls[i];
		make_resources(&slots[slot_count++]);
	}
	if (slot_count == before) {
		fprintf(stderr, "inflight: unknown call '%s'\n", name);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	int status = 1;
	char line[8];

	slots = mmap(NULL, CALLS_MAX * sizeof(*slots), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (slots == MAP_FAILED || argc < 2)
		die("usage: inflight CALL...");
	for (int i = 1; i < argc; i++)
		add_slots(argv[i]);
	worker = fork();
	if (worker == 0)
		be_worker();
	wait_until_blocked();
	printf("pid %d\nready\n", worker);
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin))
		status = finish();
	else
		kill(worker, SIGKILL);
	for (size_t i = 0; i < slot_count; i++)
		remove_resources(&slots[i]);
	return status;
}
