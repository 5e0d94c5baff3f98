/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "counters.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/wait.h>
#include <unistd.h>

#define CPUS_MAX 256

static struct shared {
	struct counter counters[CPUS_MAX];
	volatile uint64_t rivals[CPUS_MAX];	/* what each has added */
	volatile bool ended;
} *shared;

static pid_t rivals[CPUS_MAX];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

void counters_add(void)
{
	struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	while (!counters_add_once(area, shared->counters))
		;
}

bool counters_ended(void)
{
	return shared->ended;
}

static void be_rival(int cpu)
{
	cpu_set_t set;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		die("sched_setaffinity");
	while (!shared->ended) {
		counters_add();
		shared->rivals[cpu]++;
	}
	_exit(0);
}

void counters_start(void)
{
	cpu_set_t allowed;

	if (__rseq_size == 0) {
		fputs("glibc has no rseq area here\n", stderr);
		exit(77);
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		die("counters");
	for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		rivals[cpu] = fork();
		if (rivals[cpu] < 0)
			die("fork");
		if (rivals[cpu] == 0)
			be_rival(cpu);
	}
}

void counters_end(void)
{
	shared->ended = true;
}

bool counters_match(const volatile unsigned *rounds, unsigned count)
{
	uint64_t sum = 0, wanted = 0;

	for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
		int status = 0;

		if (rivals[cpu] > 0 && (waitpid(rivals[cpu], &status, 0) != rivals[cpu] || status))
			die("a rival");
		sum += shared->counters[cpu].value;
		wanted += shared->rivals[cpu];
	}
	for (unsigned i = 0; i < count; i++)
		wanted += rounds[i];
	if (sum != wanted)
		fprintf(stderr, "%llu increments, %llu counted\n", (unsigned long long)wanted,
			(unsigned long long)sum);
	return sum == wanted;
}
