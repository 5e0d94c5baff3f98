/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The actors of storm.c: what comes and goes in its target, with results that are known. */
#include "storm.h"

#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUP 4			/* threads at once */
#define PAGES 16

static void *double_number(void *number)
{
	return (void *)((uintptr_t)number * 2);
}

static void churn_threads(unsigned round)
{
	pthread_t threads[GROUP];
	void *result;

	for (uintptr_t i = 0; i < GROUP; i++)
		if (pthread_create(&threads[i], NULL, double_number, (void *)(round + i)) != 0)
			complain("pthread_create", errno);
	for (uintptr_t i = 0; i < GROUP; i++)
		if (pthread_join(threads[i], &result) != 0 || result != (void *)((round + i) * 2))
			complain("a thread returned", (long)result);
}

static void churn_maps(unsigned round)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = PAGES * page;
	unsigned char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				-1, 0);

	if (p == MAP_FAILED) {
		complain("mmap", errno);
		return;
	}
	memset(p, (int)(round & 0xff), size);
	/* three rows in maps, then one again */
	if (mprotect(p + 4 * page, page, PROT_READ) != 0)
		complain("mprotect", errno);
	for (size_t i = 0; i < size; i += 64)
		if (p[i] != (round & 0xff))
			complain("memory changed", p[i]);
	if (munmap(p, size) != 0)
		complain("munmap", errno);
}

static void check_child(pid_t pid, int wanted)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		complain("waitpid", errno);
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != wanted)
		complain("a child ended with", status);
}

static void churn_forks(unsigned round)
{
	int wanted = (int)(round % 128);
	pid_t pid = fork();

	if (pid == 0)
		_exit(wanted);
	if (pid < 0)
		complain("fork", errno);
	else
		check_child(pid, wanted);
}

/* As glibc does it, this is a vfork: the parent waits, and cannot be stopped. */
static void churn_spawns(unsigned round)
{
	char number[16], *const argv[] = { (char[]){ "storm" }, (char[]){ "exit" }, number, NULL };
	int error;
	pid_t pid;

	snprintf(number, sizeof(number), "%u", round % 128);
	error = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ);
	if (error)
		complain("posix_spawn", error);
	else
		check_child(pid, (int)(round % 128));
}

const struct actor actors[] = {
	{ "threads", churn_threads },
	{ "maps", churn_maps },
	{ "forks", churn_forks },
	{ "spawns", churn_spawns },
};
const size_t actor_count = sizeof(actors) / sizeof(actors[0]);
