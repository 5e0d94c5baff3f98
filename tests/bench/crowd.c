/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * crowd THREADS: a process with so many threads, which all wait.  Prints its pid when they
 * are there, and lives until its input ends; with 0, it ends at once.  The bench links it
 * with as many objects as it wants.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STACK_SIZE 65536

static void *wait_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

int main(int argc, char **argv)
{
	size_t threads = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	pthread_attr_t attr;
	pthread_t thread;
	char byte;

	if (threads == 0)
		return 0;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (size_t i = 1; i < threads; i++)
		if (pthread_create(&thread, &attr, wait_for_ever, NULL) != 0) {
			fprintf(stderr, "crowd: cannot start thread %zu\n", i);
			return 1;
		}
	printf("%d\n", (int)getpid());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
