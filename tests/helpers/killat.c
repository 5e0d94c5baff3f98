/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * killat N entry|exit COMMAND...: run COMMAND and kill it with SIGKILL at the entry
 * or the exit of its N-th call of ptrace(2) or process_vm_writev(2).  Prints
 * "killed", or "finished CALLS" if COMMAND made fewer.  Not timing, but counting:
 * N from 1 upwards visits every step that a tracer can die at.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "killat: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool counts(long nr)
{
	return nr == SYS_ptrace || nr == SYS_process_vm_writev;
}

int main(int argc, char **argv)
{
	long n, calls = 0;
	bool at_entry, entering = true;
	int status;
	pid_t child;

	if (argc < 4)
		return 2;
	n = atol(argv[1]);
	at_entry = strcmp(argv[2], "entry") == 0;
	child = fork();
	if (child == 0) {
		raise(SIGSTOP);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, WUNTRACED) != child)
		die("fork");
	if (ptrace(PTRACE_SEIZE, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0)
		die("PTRACE_SEIZE");
	kill(child, SIGCONT);
	for (;;) {
		struct user_regs_struct regs;
		long sig = 0;

		if (waitpid(child, &status, __WALL) != child)
			die("waitpid");
		if (!WIFSTOPPED(status))
			break;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (ptrace(PTRACE_GETREGS, child, NULL, &regs) != 0)
				die("PTRACE_GETREGS");
			if (counts((long)regs.orig_rax)) {
				calls += entering;
				if (calls == n && entering == at_entry) {
					kill(child, SIGKILL);
					waitpid(child, &status, __WALL);
					puts("killed");
					return 0;
				}
			}
			entering = !entering;
		} else if (status >> 16 == 0) {
			sig = WSTOPSIG(status);
		}
		if (ptrace(PTRACE_SYSCALL, child, NULL, sig) != 0)
			die("PTRACE_SYSCALL");
	}
	printf("finished %ld\n", calls);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
