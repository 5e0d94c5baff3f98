/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * failat MODE COMMAND...: run "msealctl exec --via=ptrace PROGRAM" (COMMAND) again and
 * again.  In the N-th run, disturb the N-th system call of the tracer process, counted
 * from PTRACE_SEIZE, until it makes fewer than N.
 *
 * ERRNO (a number): the call is not made, and returns -ERRNO
 * pause: the tracer does not run until the program has come to rest, and an hour has
 *     passed by its clock
 *
 * PROGRAM must print something and exit with 0 if it is sealed, and "=ok" if not.  Anything
 * else than that, or either status 125 or SIGKILL without "=ok", which its child that is
 * sealed may have been faster than, is printed; "pause" must do no harm.
 * Then "N calls, R refused".
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "remote-regs.h"

#define PAUSE 0
#define HOUR 3600

struct run {
	pid_t command;		/* msealctl, and then the program */
	int output, errors;	/* the reading ends of its pipes */
	int status;		/* its wait status */
	pid_t tracer;
	long calls;		/* that the tracer has made */
	bool late;		/* an hour has passed for it */
};

static void die(const char *what)
{
	fprintf(stderr, "failat: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void request(int number, pid_t pid, void *address, void *data)
{
	if (ptrace(number, pid, address, data) != 0 && errno != ESRCH)
		die("ptrace");
}

/* The clock of the vdso cannot be changed: keep PID, at its execve(2), from finding it. */
static void hide_vdso(pid_t pid)
{
	remote_regs regs;
	unsigned long at;
	long word;

	if (remote_regs_get(pid, &regs) < 0)
		die("registers");
	at = remote_regs_sp(&regs);
	/* argc, the arguments and NULL, the environment and NULL, the auxiliary vector */
	at += 8 * (2 + (unsigned long)ptrace(PTRACE_PEEKDATA, pid, at, NULL));
	while (ptrace(PTRACE_PEEKDATA, pid, at, NULL) != 0)
		at += 8;
	at += 8;
	while ((word = ptrace(PTRACE_PEEKDATA, pid, at, NULL)) != AT_NULL) {
		if (word == AT_SYSINFO_EHDR)
			request(PTRACE_POKEDATA, pid, (void *)at, (void *)AT_IGNORE);
		at += 16;
	}
}

static int wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid)
		die("waitpid");
	return status;
}

/*
 * Let PID run until it has forked; returns the new process, which is traced, and stopped.
 * HIDE the vdso from what PID executes.
 */
static pid_t wait_fork(pid_t pid, bool hide)
{
	unsigned long child;

	for (;;) {
		int status = wait_for(pid), event = status >> 16;

		if (!WIFSTOPPED(status))
			return -1;
		if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_CLONE) {
			request(PTRACE_GETEVENTMSG, pid, NULL, &child);
			request(PTRACE_DETACH, pid, NULL, NULL);
			if (!WIFSTOPPED(wait_for((pid_t)child)))
				return -1;
			return (pid_t)child;
		}
		if (event == PTRACE_EVENT_EXEC && hide)
			hide_vdso(pid);
		request(PTRACE_CONT, pid, NULL, NULL);
	}
}

static void start(struct run *run, char **command, bool hide)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEEXEC;
	int output[2], errors[2];
	pid_t between;

	if (pipe(output) != 0 || pipe(errors) != 0)
		die("pipe");
	run->command = fork();
	if (run->command == 0) {
		dup2(output[1], STDOUT_FILENO);
		dup2(errors[1], STDERR_FILENO);
		for (int i = 0; i < 2; i++) {
			close(output[i]);
			close(errors[i]);
		}
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			die("PTRACE_TRACEME");
		raise(SIGSTOP);
		execvp(command[0], command);
		die(command[0]);
	}
	close(output[1]);
	close(errors[1]);
	run->output = output[0];
	run->errors = errors[0];
	if (!WIFSTOPPED(wait_for(run->command)))
		die("COMMAND");
	request(PTRACE_SETOPTIONS, run->command, NULL, (void *)options);
	request(PTRACE_CONT, run->command, NULL, NULL);
	between = wait_fork(run->command, hide);
	request(PTRACE_CONT, between, NULL, NULL);
	run->tracer = wait_fork(between, false);
	/* the processes that it makes are its own matter */
	request(PTRACE_SETOPTIONS, run->tracer, NULL, (void *)PTRACE_O_TRACESYSGOOD);
}

/* The state of PID in /proc, R S D t Z ... */
static char state_of(pid_t pid)
{
	char name[64], state = 'X';
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	f = fopen(name, "r");
	if (!f)
		return state;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(f);
	return state;
}

static void set_regs(pid_t pid, const remote_regs *regs)
{
	int r = remote_regs_set(pid, regs);

	if (r < 0 && r != -ESRCH) {
		errno = -r;
		die("registers");
	}
}

/* The tracer has entered its N-th call.  Returns whether it must return -MODE. */
static bool disturb(struct run *run, int mode)
{
	remote_regs regs;

	if (mode == PAUSE) {
		while (state_of(run->command) == 'R')
			;
		run->late = true;
		return false;
	}
	if (remote_regs_get(run->tracer, &regs) < 0)
		return false;
	remote_regs_cancel(&regs);
	set_regs(run->tracer, &regs);
	return true;
}

/* The tracer is leaving the call that it made: let that return -MODE. */
static void fail(struct run *run, int mode)
{
	remote_regs regs;

	if (remote_regs_get(run->tracer, &regs) < 0)
		return;
	remote_regs_set_result(&regs, -mode);
	set_regs(run->tracer, &regs);
}

/* The tracer is leaving CALL, a success: let its clock be late. */
static void delay_clock(struct run *run, const struct __ptrace_syscall_info *call)
{
	struct timespec *at = (struct timespec *)call->entry.args[1];
	long seconds;

	if (!run->late || call->entry.nr != SYS_clock_gettime)
		return;
	seconds = ptrace(PTRACE_PEEKDATA, run->tracer, &at->tv_sec, NULL);
	request(PTRACE_POKEDATA, run->tracer, &at->tv_sec, (void *)(seconds + HOUR));
}

/* Let the tracer run to its end, with its N-th call disturbed. */
static void follow(struct run *run, long n, int mode)
{
	struct __ptrace_syscall_info info, call = { .op = PTRACE_SYSCALL_INFO_NONE };
	bool failing = false;

	for (;;) {
		long sig = 0;
		int status;

		request(PTRACE_SYSCALL, run->tracer, NULL, (void *)sig);
		status = wait_for(run->tracer);
		if (!WIFSTOPPED(status))
			return;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			sig = WSTOPSIG(status);
			continue;
		}
		if (ptrace(PTRACE_GET_SYSCALL_INFO, run->tracer, sizeof(info), &info) < 0)
			continue;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
			call = info;
			if (run->calls > 0 || (call.entry.nr == SYS_ptrace &&
					       call.entry.args[0] == PTRACE_SEIZE))
				run->calls++;
			if (run->calls == n)
				failing = disturb(run, mode);
		} else if (failing) {
			fail(run, mode);
			failing = false;
		} else if (!info.exit.is_error) {
			delay_clock(run, &call);
		}
	}
}

static size_t read_all(int fd, char *buf, size_t size)
{
	size_t fill = 0;
	ssize_t n;

	while (fill < size - 1 && (n = read(fd, buf + fill, size - 1 - fill)) > 0)
		fill += (size_t)n;
	buf[fill] = '\0';
	close(fd);
	return fill;
}

/* Has RUN gone well?  Counts refusals. */
static bool judge(const struct run *run, long n, int mode, const char *output,
		  const char *errors, long *refused)
{
	bool ended = WIFSIGNALED(run->status) ? WTERMSIG(run->status) == SIGKILL :
						WEXITSTATUS(run->status) == 125;

	if (run->status == 0 && output[0])
		return true;
	++*refused;
	if (ended && !strstr(output, "=ok") && mode != PAUSE)
		return true;
	printf("call %ld: status %#x: %s%s\n", n, (unsigned)run->status, output, errors);
	return false;
}

int main(int argc, char **argv)
{
	long refused = 0, n;
	bool well = true;
	int mode;

	if (argc < 3) {
		fputs("usage: failat ERRNO|pause COMMAND...\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	mode = strcmp(argv[1], "pause") == 0 ? PAUSE : atoi(argv[1]);
	for (n = 1; ; n++) {
		struct run run = { .calls = 0 };
		static char output[1 << 16], errors[1 << 16];

		start(&run, argv + 2, mode == PAUSE);
		follow(&run, n, mode);
		run.status = wait_for(run.command);
		read_all(run.output, output, sizeof(output));
		read_all(run.errors, errors, sizeof(errors));
		well = judge(&run, n, mode, output, errors, &refused) && well;
		if (run.calls < n)
			break;
	}
	printf("%ld calls, %ld refused\n", n - 1, refused);
	return well ? 0 : 1;
}
