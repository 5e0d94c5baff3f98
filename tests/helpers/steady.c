/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * steady [MODE] [threads=N]: a process that does nothing but compute, and looks after
 * each round whether all is as it was: general registers, flags, red zone, x87, SSE
 * and whatever else of extended state the processor has.  Prints "pid PID", "area START
 * END" of memory that it does not use, and "ready"; answers a line of input with "ok ROUNDS"
 * once every thread is some rounds further, or with "bad: ..."; ends at the end of input,
 * then prints "ok" or "bad: ...".
 *
 * plain: on the stack of the thread            altstack: on an alternate signal stack
 * handler: inside a signal handler             rseq: in restartable sequences, rseq(2)
 *
 * The rounds are made in a child that makes no system call.
 */
#include "steady.h"

#include <cpuid.h>
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

/* carry, parity, adjust, zero, sign, direction, overflow */
#define FLAGS_SEEN 0xcd5u

/* Parts of the extended state, by bit: what is left out is not a program's own. */
#define XSAVE_X87_SSE 3ull
#define XSAVE_PARTS (XSAVE_X87_SSE | 1ull << 2 | 7ull << 5)	/* AVX, AVX-512 */
#define XSTATE_BV 512

struct shared {
	volatile unsigned rounds[THREADS_MAX];
	volatile unsigned bad;
	char what[128];
};

static struct shared *shared;
static pid_t worker;
static unsigned thread_count = 1;
static uint64_t mask;
static unsigned part_sizes[64], part_offsets[64];

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

static void find_parts(void)
{
	unsigned a, b, c, d, low, high;

	__cpuid(1, a, b, c, d);
	if (!(c & bit_OSXSAVE))
		die("no XSAVE");
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	mask = ((uint64_t)high << 32 | low) & XSAVE_PARTS;
	__cpuid_count(0xd, 0, a, b, c, d);
	if (b > XSAVE_MAX)
		die("the extended state is too large");
	for (unsigned part = 2; part < 63; part++)
		if (mask >> part & 1)
			__cpuid_count(0xd, part, part_sizes[part], part_offsets[part], c, d);
}

/* Values that differ from register to register, round to round and thread to thread. */
static void fill(struct steady_state *s, uint64_t seed)
{
	static const uint16_t control = 0x77f;		/* round down, all masked */
	static const uint32_t mxcsr = 0x5f80;		/* round up, all masked */
	unsigned char *bytes = (unsigned char *)s;

	for (size_t i = 0; i < offsetof(struct steady_state, xsave); i++)
		bytes[i] = (unsigned char)(seed * 31 + i * 7 + 1);
	s->flags = (seed & 1 ? FLAGS_SEEN : 0) | 0x202;
	memset(s->xsave, 0, sizeof(s->xsave));
	memcpy(s->xsave, &control, sizeof(control));
	memcpy(s->xsave + 24, &mxcsr, sizeof(mxcsr));
	s->xsave[4] = 0xff;				/* no x87 register is empty */
	for (size_t reg = 0; reg < 8; reg++)
		for (size_t i = 0; i < 10; i++)
			s->xsave[32 + reg * 16 + i] = (unsigned char)(seed + reg * 16 + i + 1);
	for (size_t i = 160; i < 416; i++)
		s->xsave[i] = (unsigned char)(seed * 3 + i);
	for (unsigned part = 2; part < 63; part++)
		for (size_t i = 0; i < part_sizes[part]; i++)
			s->xsave[part_offsets[part] + i] = (unsigned char)(seed * 5 + part + i);
	memcpy(s->xsave + XSTATE_BV, &mask, sizeof(mask));
}

static const char *compare_extended(const struct steady_state *a, const struct steady_state *b)
{
	if (memcmp(a->xsave, b->xsave, 2) != 0 || a->xsave[4] != b->xsave[4])
		return "x87 control";
	if (memcmp(a->xsave + 24, b->xsave + 24, 4) != 0)
		return "mxcsr";
	for (size_t reg = 0; reg < 8; reg++)
		if (memcmp(a->xsave + 32 + reg * 16, b->xsave + 32 + reg * 16, 10) != 0)
			return "an x87 register";
	if (memcmp(a->xsave + 160, b->xsave + 160, 256) != 0)
		return "an SSE register";
	for (unsigned part = 2; part < 63; part++)
		if (memcmp(a->xsave + part_offsets[part], b->xsave + part_offsets[part],
			   part_sizes[part]) != 0)
			return "an AVX register";
	return NULL;
}

static const char *compare(const struct steady_state *a, const struct steady_state *b)
{
	if (memcmp(a, b, offsetof(struct steady_state, flags)) != 0)
		return "a general register";
	if ((a->flags ^ b->flags) & FLAGS_SEEN)
		return "a flag";
	if (memcmp(a->red_zone, b->red_zone, RED_ZONE) != 0)
		return "the red zone";
	return compare_extended(a, b);
}

static void spin(unsigned thread)
{
	static struct steady_state in[THREADS_MAX], out[THREADS_MAX];

	for (uint64_t seed = thread; ; seed++) {
		const char *what;

		fill(&in[thread], seed);
		steady_spin(&in[thread], &out[thread], SPINS, mask);
		what = compare(&in[thread], &out[thread]);
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
	unsigned sum;
	char line[16];
	void *area;

	area = mmap(NULL, AREA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || area == MAP_FAILED)
		die("mmap");
	find_parts();
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
