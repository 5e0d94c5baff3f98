/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * coroutine MODE: a process without memory that a rescue frame could be left in.  It waits
 * for input on a stack of which 1.2 kB are left, above memory that it does not own.
 * Prints "pid PID" and "ready"; answers a line of input with "ok", or the number of bytes
 * of that memory that have changed.  Ends with its input; status 0 if none has changed.
 *
 * deep: the main stack was once used deeply    lock: all of it is locked in memory
 * malloc: the same as deep, with the stack from malloc(3)
 * thread: no coroutine; the only thread is not the first, with its main stack used deeply
 */
#include <alloca.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define SIZE 65536
#define PAGE ((size_t)sysconf(_SC_PAGESIZE))

static ucontext_t back, co;
static unsigned char *other;	/* SIZE bytes, below the stack */
static int status;

static void die(const char *what)
{
	fprintf(stderr, "coroutine: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void use_deeply(void)
{
	volatile char *bytes = alloca(8 * SIZE);

	for (size_t i = 0; i < 8 * SIZE; i += PAGE)
		bytes[i] = 1;
}

static void answer(void)
{
	char line[64];
	ssize_t n;

	/* read(2), which needs little stack */
	while ((n = read(STDIN_FILENO, line, sizeof(line))) > 0) {
		unsigned changed = 0;

		for (size_t i = 0; i < SIZE; i++)
			changed += other[i] != 0xab;
		status |= changed > 0;
		n = changed ? snprintf(line, sizeof(line), "%u\n", changed) :
			      snprintf(line, sizeof(line), "ok\n");
		if (write(STDOUT_FILENO, line, (size_t)n) != n)
			_exit(1);
	}
	for (size_t i = 0; i < SIZE; i++)
		status |= other[i] != 0xab;
}

static void run(void)
{
	unsigned char here;
	volatile unsigned char *used = alloca((size_t)(&here - (other + SIZE)) - 1200);

	used[0] = 1;
	answer();
}

/* Is the first thread a zombie? */
static int is_alone(void)
{
	char text[256];
	FILE *stat = fopen("/proc/self/stat", "r");
	int zombie = stat && fgets(text, sizeof(text), stat) && strstr(text, ") Z ");

	if (stat)
		fclose(stat);
	return zombie;
}

static void *run_thread(void *unused)
{
	while (!is_alone())
		sched_yield();
	printf("pid %d\nready\n", getpid());
	fflush(stdout);
	answer();
	exit(status);
	return unused;
}

static void start_thread(void)
{
	pthread_t thread;

	other = malloc(SIZE);
	memset(other, 0xab, SIZE);
	if (pthread_create(&thread, NULL, run_thread, NULL) != 0)
		die("pthread_create");
	pthread_exit(NULL);
}

int main(int argc, char **argv)
{
	const char *mode = argc == 2 ? argv[1] : "";

	if (strcmp(mode, "lock") != 0)
		use_deeply();
	else if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		die("mlockall");
	if (strcmp(mode, "thread") == 0)
		start_thread();
	if (strcmp(mode, "malloc") == 0) {
		other = malloc(2 * SIZE);
	} else {
		other = mmap(NULL, PAGE + 2 * SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (other == MAP_FAILED || mprotect(other, PAGE, PROT_NONE) != 0)
			die("mmap");
		other += PAGE;
	}
	memset(other, 0xab, SIZE);
	printf("pid %d\nready\n", getpid());
	fflush(stdout);
	getcontext(&co);
	co.uc_stack.ss_sp = other + SIZE;
	co.uc_stack.ss_size = SIZE;
	co.uc_link = &back;
	makecontext(&co, run, 0);
	swapcontext(&back, &co);
	return status;
}
