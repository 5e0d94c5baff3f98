/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * steady [MODE] [threads=N]: a process that does nothing but compute, and looks after
 * each round whether all is as it was: general registers, flags, red zone, FPU and
 * vector registers, as far as the processor has them.  Prints "pid PID", "area START
 * END" of memory that it does not use, and "ready"; answers a line of input with "ok ROUNDS"
 * once every thread is some rounds further, or with "bad: ..."; ends at the end of input,
 * then prints "ok" or "bad: ...".
 *
 * plain: on the stack of the thread            altstack: on an alternate signal stack
 * handler: inside a signal handler             rseq: in restartable sequences, rseq(2)
 * deep: on a stack that was once in use down to its end
 * bare: without the code of any library, see steady.h
 *
 * The rounds are made in a child that makes no system call.
 */
#include "steady.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"

#define THREADS_MAX 64
#define SPINS 200000		/* of a round, so that most stops find us there */
#define ROUNDS_WANTED 3
#define TRIES 20000		/* of 1 ms */
#define ALTSTACK_SIZE (256 * 1024)
#define AREA_SIZE (1ul << 30)	/* for attach to seal new pages of each time */

struct shared {
	volatile unsigned rounds[THREADS_MAX];
	volatile unsigned bad;
	char what[128];
};

static struct shared *shared;
static pid_t worker;
static unsigned thread_count = 1;

static void die(const char *what)
{
	fprintf(stderr, "steady: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void complain(unsigned thread, const char *what)
{
	if (__atomic_fetch_add(&shared->bad, 1, __ATOMIC_SEQ_CST) == 0)
		snprintf(shared->what, sizeof(shared->what), "thread %u, round %u: %s changed",
			 thread, shared->rounds[thread], what);
}

static void spin(unsigned thread)
{
	static struct steady_state in[THREADS_MAX], out[THREADS_MAX];

	for (uint64_t seed = thread; ; seed++) {
		const char *what;

		steady_fill(&in[thread], seed);
		steady_spin(&in[thread], &out[thread], SPINS);
		what = steady_compare(&in[thread], &out[thread]);
		if (what)
			complain(thread, what);
		shared->rounds[thread]++;
	}
}

static void *spin_plain(void *thread)
{
	spin(*(const unsigned *)thread);
	return NULL;
}

/* More than a program starts with. */
static __attribute__((noinline)) void use_stack(void)
{
	volatile unsigned char bytes[512 * 1024];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = 1;
}

static void *spin_deep(void *thread)
{
	use_stack();
	return spin_plain(thread);
}

/* Nothing of libc is left for it. */
static void spin_alone(unsigned thread)
{
	static struct steady_state in, out;

	steady_fill(&in, thread);
	steady_drop_libraries();
	for (;;) {
		steady_spin(&in, &out, SPINS);
		if (steady_compare(&in, &out))
			shared->bad++;
		shared->rounds[thread]++;
	}
}

static void *spin_bare(void *thread)
{
	if (!steady_drop_libraries) {
		errno = ENOTSUP;
		die("bare");
	}
	spin_alone(*(const unsigned *)thread);
	return NULL;
}

static __thread unsigned own_number;

static void spin_in_handler(int sig)
{
	(void)sig;
	spin(own_number);
}

static void *spin_handler(void *thread)
{
	own_number = *(const unsigned *)thread;
	raise(SIGUSR1);
	return NULL;
}

static void *spin_altstack(void *thread)
{
	stack_t stack = { .ss_size = ALTSTACK_SIZE };

	stack.ss_sp = mmap(NULL, ALTSTACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) != 0)
		die("sigaltstack");
	return spin_handler(thread);
}

static void *count_restartable(void *thread)
{
	unsigned number = *(const unsigned *)thread;

	while (!counters_ended()) {
		counters_add();
		shared->rounds[number]++;
	}
	return NULL;
}

static const struct mode {
	const char *name;
	void *(*run)(void *thread);
	int flags;		/* of the handler */
} modes[] = {
	{ "plain", spin_plain, 0 },
	{ "deep", spin_deep, 0 },
	{ "bare", spin_bare, 0 },
	{ "handler", spin_handler, 0 },
	{ "altstack", spin_altstack, SA_ONSTACK },
	{ "rseq", count_restartable, 0 },
};

static void be_worker(const struct mode *mode)
{
	struct sigaction action = { .sa_handler = spin_in_handler, .sa_flags = mode->flags };
	static unsigned numbers[THREADS_MAX];
	pthread_t threads[THREADS_MAX];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGUSR1, &action, NULL);
	for (unsigned i = 0; i < thread_count; i++)
		numbers[i] = i;
	for (unsigned i = 1; i < thread_count; i++)
		if (pthread_create(&threads[i], NULL, mode->run, &numbers[i]) != 0)
			die("pthread_create");
	mode->run(&numbers[0]);
	for (unsigned i = 1; i < thread_count; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

/* Until every thread has made some rounds more. */
static bool go_on(unsigned *sum)
{
	const struct timespec tick = { 0, 1000000 };
	unsigned before[THREADS_MAX];

	*sum = 0;
	for (unsigned i = 0; i < thread_count; i++)
		before[i] = shared->rounds[i];
	for (unsigned i = 0; i < thread_count; i++) {
		for (unsigned tries = 0; shared->rounds[i] - before[i] < ROUNDS_WANTED; tries++) {
			if (tries == TRIES || waitpid(worker, NULL, WNOHANG) == worker)
				return false;
			nanosleep(&tick, NULL);
		}
		*sum += shared->rounds[i];
	}
	return true;
}

static bool answer(void)
{
	unsigned sum;
	bool good = false;

	if (!go_on(&sum))
		printf("bad: dead, or does not go on\n");
	else if (shared->bad > 0)
		printf("bad: %s\n", shared->what);
	else
		good = printf("ok %u\n", sum) > 0;
	fflush(stdout);
	return good;
}

static const struct mode *take_words(int argc, char **argv)
{
	const struct mode *mode = &modes[0];

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "threads=", 8) == 0)
			thread_count = (unsigned)strtoul(argv[i] + 8, NULL, 10);
		for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++)
			if (strcmp(argv[i], modes[m].name) == 0)
				mode = &modes[m];
	}
	if (thread_count == 0 || thread_count > THREADS_MAX)
		die("threads");
	return mode;
}

/* One that counts is not to end between an increment and the count of it. */
static void end_worker(const struct mode *mode)
{
	if (mode->run == count_restartable)
		counters_end();
	else
		kill(worker, SIGKILL);
	waitpid(worker, NULL, 0);
}

int main(int argc, char **argv)
{
	const struct mode *mode = take_words(argc, argv);
	bool good = true;
	const char *why_not;
	unsigned sum;
	char line[16];
	void *area;

	area = mmap(NULL, AREA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || area == MAP_FAILED)
		die("mmap");
	why_not = steady_begin();
	if (why_not) {
		fprintf(stderr, "steady: %s\n", why_not);
		return 1;
	}
	if (mode->run == count_restartable)
		counters_start();
	worker = fork();
	if (worker == 0)
		be_worker(mode);
	if (!go_on(&sum))
		die("it does not run");
	printf("pid %d\narea %p %p\nready\n", worker, area, (char *)area + AREA_SIZE);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		good = answer() && good;
	good = answer() && good;
	end_worker(mode);
	if (mode->run == count_restartable && !counters_match(shared->rounds, thread_count)) {
		printf("bad: increments were lost\n");
		good = false;
	}
	return good ? 0 : 1;
}
