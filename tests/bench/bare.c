/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * bare PID: seizes, interrupts, waits for and detaches from each thread of PID, and nothing
 * else.  Prints how long that takes, in ms: a stop can take no less.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#define THREADS_MAX 100000

static pid_t tids[THREADS_MAX];

static void die(const char *what)
{
	fprintf(stderr, "bare: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static size_t read_tids(const char *pid)
{
	struct dirent *entry;
	char path[64];
	size_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	if (!dir)
		die(path);
	while (count < THREADS_MAX && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			tids[count++] = atoi(entry->d_name);
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	size_t count = argc == 2 ? read_tids(argv[1]) : 0;
	double began = now();

	if (count == 0) {
		fprintf(stderr, "usage: bare PID\n");
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		if (ptrace(PTRACE_SEIZE, tids[i], NULL, NULL) != 0 ||
		    ptrace(PTRACE_INTERRUPT, tids[i], NULL, NULL) != 0)
			die("seize");
	for (size_t i = 0; i < count; i++)
		if (waitpid(tids[i], NULL, __WALL) != tids[i])
			die("waitpid");
	for (size_t i = 0; i < count; i++)
		if (ptrace(PTRACE_DETACH, tids[i], NULL, NULL) != 0)
			die("detach");
	printf("%.3f\n", now() - began);
	return 0;
}
