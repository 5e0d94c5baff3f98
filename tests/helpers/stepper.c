/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * stepper PID COUNT: let PID, which has one thread and is stopped in a chain of msealctl's,
 * execute COUNT instructions more, and leave it stopped again.  Prints "stepped", or "over" if
 * it has come to the end of the chain before; then it has only gone there.  On riscv64, where
 * Linux cannot step, it goes to the next beginning or end of a call in the place of each
 * instruction.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "remote-regs.h"

static void die(const char *what)
{
	fprintf(stderr, "stepper: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* msealctl marks some registers with the same value. */
static bool in_chain(pid_t pid)
{
	remote_regs regs;

	if (remote_regs_get(pid, &regs) < 0)
		die("registers");
	return remote_regs_mark(&regs) != 0;
}

/* To the next stop; the signal that it reports, unless that is of the step itself. */
static int resume(pid_t pid, int sig)
{
	int status;

	if (ptrace(PTRACE_SINGLESTEP, pid, NULL, (long)sig) != 0 &&
	    (errno != EIO || ptrace(PTRACE_SYSCALL, pid, NULL, (long)sig) != 0))
		die("PTRACE_SINGLESTEP");
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		die("waitpid");
	return status >> 16 || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
}

int main(int argc, char **argv)
{
	pid_t pid = argc == 3 ? atoi(argv[1]) : 0;
	long count = argc == 3 ? atol(argv[2]) : -1;
	int status;

	if (pid <= 0 || count < 0) {
		fputs("usage: stepper PID COUNT\n", stderr);
		return 2;
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0 || waitpid(pid, &status, __WALL) != pid)
		die("PTRACE_SEIZE");
	if (!in_chain(pid)) {
		fputs("stepper: it is in no chain\n", stderr);
		return 1;
	}
	for (long i = 0; i < count && in_chain(pid); i++)
		for (int sig = resume(pid, 0); sig; )
			sig = resume(pid, sig);
	puts(in_chain(pid) ? "stepped" : "over");
	if (ptrace(PTRACE_DETACH, pid, NULL, (long)SIGSTOP) != 0)
		die("PTRACE_DETACH");
	return 0;
}
