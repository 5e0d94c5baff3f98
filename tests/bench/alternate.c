/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * alternate RUNS COMMAND... [::: COMMAND...]...: the commands in turn, RUNS times, after one
 * round that does not count unless RUNS is 1.  Prints for each "MS RATIO KIB": the middle one
 * of its times, and of the ratios of the first command's time to it in the same round; and
 * its peak memory.  Their standard output is discarded.  Status 1 if one fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 8
#define RUNS_MAX 1000

struct command {
	char **argv;
	double ms[RUNS_MAX], ratios[RUNS_MAX];
	long peak;
};

static struct command commands[COMMANDS_MAX];
static size_t count;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "alternate: %s: %s\n", what, why);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double run(struct command *c)
{
	posix_spawn_file_actions_t actions;
	double began = now();
	struct rusage usage;
	int status, r;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	r = posix_spawnp(&pid, c->argv[0], &actions, NULL, c->argv, environ);
	if (r != 0)
		die(c->argv[0], strerror(r));
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(c->argv[0], "failed");
	posix_spawn_file_actions_destroy(&actions);
	if (usage.ru_maxrss > c->peak)
		c->peak = usage.ru_maxrss;
	return now() - began;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double middle(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 2];
}

int main(int argc, char **argv)
{
	size_t runs = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;

	if (runs == 0 || runs > RUNS_MAX)
		die("usage", "alternate RUNS COMMAND... [::: COMMAND...]...");
	commands[count++].argv = &argv[2];
	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], ":::") != 0)
			continue;
		argv[i] = NULL;
		if (count == COMMANDS_MAX || i + 1 == argc)
			die("usage", "too many commands, or an empty one");
		commands[count++].argv = &argv[i + 1];
	}
	for (size_t i = 0; runs > 1 && i < count; i++)
		run(&commands[i]);
	for (size_t round = 0; round < runs; round++) {
		for (size_t i = 0; i < count; i++) {
			commands[i].ms[round] = run(&commands[i]);
			commands[i].ratios[round] = commands[0].ms[round] / commands[i].ms[round];
		}
	}
	for (size_t i = 0; i < count; i++)
		printf("%.3f %.2f %ld\n", middle(commands[i].ms, runs),
		       middle(commands[i].ratios, runs), commands[i].peak);
	return 0;
}
