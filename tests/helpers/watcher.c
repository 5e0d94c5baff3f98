/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * watcher: the parent of a stopped process.  Prints the "pid PID" of the child and
 * "ready"; answers a line of input with "told N M", how many SIGCHLD it has got since
 * the stop, and how many changes waitpid(2) has reported.  At the end of input it
 * continues the child; status 0 if that, and nothing before, was reported.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void die(const char *what)
{
	fprintf(stderr, "watcher: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void count(int sig)
{
	(void)sig;
	signals++;
}

static void *wait_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void be_child(void)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
		die("pthread_create");
	raise(SIGSTOP);
	wait_for_ever(NULL);
}

static int reports(pid_t child)
{
	int status, n = 0;

	while (waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED) == child) {
		if (!WIFSTOPPED(status) && !WIFCONTINUED(status))
			die("the child has ended");
		n++;
	}
	return n;
}

int main(void)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };
	int status, told = 0;
	char line[16];
	pid_t child;

	sigaction(SIGCHLD, &action, NULL);
	child = fork();
	if (child == 0)
		be_child();
	if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
		die("the child did not stop");
	signals = 0;
	printf("pid %d\nready\n", child);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		told += reports(child);
		printf("told %d %d\n", signals, told);
		fflush(stdout);
	}
	kill(child, SIGCONT);
	if (waitpid(child, &status, WCONTINUED) != child || !WIFCONTINUED(status))
		die("the child did not go on");
	told += reports(child);
	kill(child, SIGKILL);
	return waitpid(child, &status, 0) == child && told == 0 ? 0 : 1;
}
