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
#define SPINS 5000		/* inside of a sequence, so that most stops find us there */

/* One to a cache line; the assembler code below shifts by 6. */
struct counter {
	uint64_t value;
	uint64_t rest[7];
};

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

/* One try.  Returns false if it was aborted. */
static bool add_once(struct rseq *area)
{
	struct counter *counters = shared->counters;

	__asm__ goto(
		".pushsection __rseq_cs, \"aw\"\n"
		".balign 32\n"
		"1: .long 0, 0\n"
		".quad 2f, 3f - 2f, 4f\n"
		".popsection\n"
		"leaq 1b(%%rip), %%rax\n"
		"movq %%rax, 8(%[area])\n"	/* rseq_cs */
		"2: movl 4(%[area]), %%eax\n"	/* cpu_id */
		"shlq $6, %%rax\n"
		"movq (%[counters], %%rax), %%rdx\n"
		"movl %[spins], %%ecx\n"
		"5: decl %%ecx\n"
		"jnz 5b\n"
		"incq %%rdx\n"
		"movq %%rdx, (%[counters], %%rax)\n"
		"3:\n"
		".pushsection __rseq_failure, \"ax\"\n"
		".byte 0x0f, 0xb9, 0x3d\n"
		".long %c[signature]\n"
		"4: jmp %l[aborted]\n"
		".popsection\n"
		: : [area] "r"(area), [counters] "r"(counters), [spins] "i"(SPINS),
		    [signature] "i"(RSEQ_SIG)
		: "rax", "rcx", "rdx", "cc", "memory" : aborted);
	return true;
aborted:
	return false;
}

void counters_add(void)
{
	struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	while (!add_once(area))
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
