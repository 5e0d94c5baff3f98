/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * random [ROUNDS [SEED]]: random calls that change mappings, against a model of what
 * each is to do where there are types of seals; prints TAP.
 *
 * A round is a process that begins with nothing sealed and makes so many calls that most
 * of its memory is sealed in the end.  A call that a seal forbids must fail with EPERM
 * and change nothing; one that no seal forbids must not fail with EPERM.  After each one,
 * smaps has to say of every page what the model says, and contents must be what they
 * were.  SEED makes a run that failed again: it is printed with every failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "model.h"

#define STEPS 250
/* far from where the kernel puts mappings by itself */
#define BASE_ADDRESS 0x10000000ul

/* A round, in a process of its own. */
static void play(uint64_t seed)
{
	unsigned long heap = syscall(SYS_brk, 0);

	begin_calls(seed);
	atexit(say_last_call);
	areas[MAPS].base = (char *)BASE_ADDRESS;
	areas[HEAP].base = (char *)((heap + page_size - 1) & -page_size);
	if (syscall(SYS_brk, areas[HEAP].base) != (long)areas[HEAP].base)
		exit(1);
	for (int i = 0; i < STEPS; i++) {
		try_any_call();
		if (!compare_smaps(false) || !compare_contents(any(4), 4))
			exit(1);
	}
	if (!compare_contents(0, 1))
		exit(1);
	_exit(0);
}

static bool run_round(uint64_t seed)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		play(seed);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 20;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	static char buffer[BUFSIZ];

	if (syscall(MSEAL, 0, 0, SEAL_BASE, 0) != 0) {
		printf("1..0 # SKIP no types of seals here\n");
		return 0;
	}
	page_size = sysconf(_SC_PAGESIZE);
	/* so that stdio has its buffer before there is a model of the heap */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	printf("1..%lu\n", rounds);
	for (unsigned long i = 1; i <= rounds; i++, seed++)
		printf("%s %lu - random calls, seed %lu\n", run_round(seed) ? "ok" : "not ok", i,
		       (unsigned long)seed);
	return 0;
}
