/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * killat N entry|exit COMMAND...: run COMMAND and kill it with SIGKILL at the entry
 * or the exit of its N-th call that touches another process (see the table below).
 * Prints "killed", or "finished CALLS" if COMMAND made fewer.  Not timing, but
 * counting: N from 1 upwards visits every step that a tracer can die at.  N may be the name
 * of a ptrace(2) request as well: its first call.
 * killat N entry|exit -SIGNAL PID COMMAND...: send SIGNAL to PID at this step, and let
 * COMMAND go on; its status is the status.  With +SIGNAL it goes on once PID has ended, with
 * =SIGNAL it is killed then.
 * killat list COMMAND...: do not kill it, and print these calls, one a line.
 *
 * Behind "killed" follow the threads that COMMAND has interrupted and whose registers
 * it has not written since, nor let go of them: what the kernel does to a call that
 * any stop interrupts is not yet undone for them, and cannot be any more.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS_MAX 4096

/* Not kcmp(2): it only looks, at every process there is, and these come and go. */
static const struct touch {
	const char *name;
	long number;
} touches[] = {
	{ "ptrace", SYS_ptrace },
	{ "process_vm_readv", SYS_process_vm_readv },
	{ "process_vm_writev", SYS_process_vm_writev },
	/* to /proc/PID/mem; msealctl writes at no other offset */
	{ "pwrite64", SYS_pwrite64 },
};

static const struct request {
	const char *name;
	unsigned long number;
} requests[] = {
	{ "PTRACE_CONT", PTRACE_CONT },
	{ "PTRACE_DETACH", PTRACE_DETACH },
#ifdef PT_GETREGS
	{ "PTRACE_GETREGS", PTRACE_GETREGS },
#endif
	{ "PTRACE_GETREGSET", PTRACE_GETREGSET },
	{ "PTRACE_GETSIGMASK", PTRACE_GETSIGMASK },
	{ "PTRACE_GET_RSEQ_CONFIGURATION", PTRACE_GET_RSEQ_CONFIGURATION },
	{ "PTRACE_GET_SYSCALL_INFO", PTRACE_GET_SYSCALL_INFO },
	{ "PTRACE_INTERRUPT", PTRACE_INTERRUPT },
	{ "PTRACE_LISTEN", PTRACE_LISTEN },
	{ "PTRACE_SECCOMP_GET_FILTER", PTRACE_SECCOMP_GET_FILTER },
	{ "PTRACE_SEIZE", PTRACE_SEIZE },
	{ "PTRACE_SETOPTIONS", PTRACE_SETOPTIONS },
#ifdef PT_SETREGS
	{ "PTRACE_SETREGS", PTRACE_SETREGS },
#endif
	{ "PTRACE_SETREGSET", PTRACE_SETREGSET },
	{ "PTRACE_SETSIGMASK", PTRACE_SETSIGMASK },
	{ "PTRACE_SYSCALL", PTRACE_SYSCALL },
};

/* A call that COMMAND enters or leaves. */
struct entry {
	const struct touch *touch;	/* NULL: none of these */
	uint64_t arguments[2];
};

/* Interrupted threads whose registers were not written. */
static pid_t bare[THREADS_MAX];
static size_t bare_count;

static void die(const char *what)
{
	fprintf(stderr, "killat: %s: %s\n", what, strerror(errno));
	exit(1);
}

static const struct touch *find_touch(long number)
{
	for (size_t i = 0; i < sizeof(touches) / sizeof(touches[0]); i++)
		if (touches[i].number == number)
			return &touches[i];
	return NULL;
}

static void print_call(const struct entry *call)
{
	if (call->touch->number != SYS_ptrace) {
		printf("%s %ld\n", call->touch->name, (long)call->arguments[0]);
		return;
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].number == call->arguments[0]) {
			printf("%s %d\n", requests[i].name, (pid_t)call->arguments[1]);
			return;
		}
	printf("ptrace %#lx %d\n", (unsigned long)call->arguments[0],
	       (pid_t)call->arguments[1]);
}

static void add_bare(pid_t tid)
{
	for (size_t i = 0; i < bare_count; i++)
		if (bare[i] == tid)
			return;
	if (bare_count == THREADS_MAX)
		die("too many threads");
	bare[bare_count++] = tid;
}

static void remove_bare(pid_t tid)
{
	for (size_t i = 0; i < bare_count; i++)
		if (bare[i] == tid)
			bare[i] = bare[--bare_count];
}

/* A successful ptrace(2) is over. */
static void note_ptrace(const struct entry *call)
{
	pid_t tid = (pid_t)call->arguments[1];

	switch (call->arguments[0]) {
	case PTRACE_INTERRUPT:
		add_bare(tid);
		break;
#ifdef PT_SETREGS
	case PTRACE_SETREGS:
#endif
	case PTRACE_SETREGSET:
	case PTRACE_DETACH:
		remove_bare(tid);
		break;
	}
}

static void print_killed(void)
{
	printf("killed");
	for (size_t i = 0; i < bare_count; i++)
		printf(" %d", bare[i]);
	putchar('\n');
}

static pid_t run_stopped(char **argv)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		raise(SIGSTOP);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, WUNTRACED) != child)
		die("fork");
	if (ptrace(PTRACE_SEIZE, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0)
		die("PTRACE_SEIZE");
	kill(child, SIGCONT);
	return child;
}

/* What must happen, and when. */
struct step {
	long number;		/* of the call; -1: never, print all */
	unsigned long request;	/* or the ptrace(2) request that is waited for; 0: none */
	bool at_entry;
	int sig;		/* to send, or 0: kill COMMAND */
	bool wait;		/* until TARGET has ended */
	bool kill;		/* COMMAND, with or without that */
	pid_t target;
	char **command;
};

static int signal_of(const char *name)
{
	for (int sig = 1; sig < NSIG; sig++)
		if (sigabbrev_np(sig) && strcmp(sigabbrev_np(sig), name) == 0)
			return sig;
	return 0;
}

static bool take_words(struct step *step, int argc, char **argv)
{
	*step = (struct step){ .number = -1 };
	if (argc > 2 && strcmp(argv[1], "list") == 0) {
		step->command = argv + 2;
		return true;
	}
	if (argc < 4)
		return false;
	step->number = atol(argv[1]);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (strcmp(argv[1], requests[i].name) == 0)
			step->request = requests[i].number;
	step->at_entry = strcmp(argv[2], "entry") == 0;
	step->command = argv + 3;
	step->kill = true;
	if (strchr("-+=", argv[3][0]) && argc > 5) {
		step->wait = argv[3][0] == '+';
		step->kill = argv[3][0] == '=';
		step->sig = signal_of(argv[3] + 1);
		step->target = atoi(argv[4]);
		step->command = argv + 5;
	}
	return (step->number > 0 || step->request) && (step->sig > 0 || !strchr("-+=", argv[3][0]));
}

/* The COMMAND enters or leaves a call that touches another process.  True if it must be killed. */
static bool take_step(const struct step *step, long calls, bool entering,
		      const struct entry *call)
{
	if (entering && step->number < 0)
		print_call(call);
	if (step->request ? call->touch->number != SYS_ptrace ||
			    call->arguments[0] != step->request : calls != step->number)
		return false;
	if (entering != step->at_entry)
		return false;
	if (step->sig)
		kill(step->target, step->sig);
	if (step->wait) {
		struct pollfd end = {
			.fd = (int)syscall(SYS_pidfd_open, step->target, 0), .events = POLLIN,
		};

		if (poll(&end, 1, 60000) != 1)
			die("poll");
	}
	return step->kill;
}

/*
 * COMMAND has stopped at the entry or the exit of a call, which is noted in *CALL at its
 * entry.  Returns whether it is the entry.
 */
static bool note_call(pid_t command, struct entry *call)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, command, sizeof(info), &info) < 0)
		die("PTRACE_GET_SYSCALL_INFO");
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		*call = (struct entry){
			.touch = find_touch((long)info.entry.nr),
			.arguments = { info.entry.args[0], info.entry.args[1] },
		};
	else if (call->touch && call->touch->number == SYS_ptrace && !info.exit.is_error)
		note_ptrace(call);
	return info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* Let COMMAND run until it ends or is killed; returns its status, or -1. */
static int follow(pid_t command, const struct step *step, long *calls)
{
	struct entry call = { .touch = NULL };
	int status;

	for (;;) {
		long sig = 0;

		if (waitpid(command, &status, __WALL) != command)
			die("waitpid");
		if (!WIFSTOPPED(status))
			return status;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			bool entering = note_call(command, &call);

			*calls += call.touch && entering;
			if (call.touch && take_step(step, *calls, entering, &call))
				return -1;
		} else if (status >> 16 == 0) {
			sig = WSTOPSIG(status);
		}
		if (ptrace(PTRACE_SYSCALL, command, NULL, sig) != 0)
			die("PTRACE_SYSCALL");
	}
}

int main(int argc, char **argv)
{
	struct step step;
	long calls = 0;
	pid_t command;
	int status;

	if (!take_words(&step, argc, argv)) {
		fputs("usage: killat N|REQUEST entry|exit [-+=SIGNAL PID] COMMAND... | list COMMAND...\n",
		      stderr);
		return 2;
	}
	command = run_stopped(step.command);
	status = follow(command, &step, &calls);
	if (status < 0) {
		kill(command, SIGKILL);
		waitpid(command, &status, __WALL);
		print_killed();
		return 0;
	}
	if (step.number >= 0)
		printf("finished %ld\n", calls);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
