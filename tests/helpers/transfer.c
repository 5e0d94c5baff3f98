/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * transfer CALL [alone]: a process with a thread inside of CALL (write, recv, sendmsg), which
 * has moved a part of its data and waits to move the rest.  "alone": it is the only thread.
 * Prints "pid PID" and "ready"; a line of input lets the call go on; then prints "whole", or
 * what the call returned instead; ends at the end of input.
 *
 * transfer random, transfer entropy: it fills memory by getrandom(2), or writes to
 * /dev/urandom, which takes time though it never waits, until the line of input.
 * transfer stream: it writes to a process that reads all the time, with pauses, until then.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE ((ssize_t)4 << 20)
#define PART 1000

static char buffer[SIZE];
static int ends[2];		/* [0] is the thread's */
static const char *call;
/* shared with the process that is at the other end */
static struct { volatile pid_t tid; volatile ssize_t result; volatile bool end; } *shared;

static void die(const char *what)
{
	fprintf(stderr, "transfer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *transfer(void *unused)
{
	struct iovec all = { buffer, SIZE };
	const struct msghdr message = { .msg_iov = &all, .msg_iovlen = 1 };
	bool stream = strcmp(call, "stream") == 0;
	ssize_t n = SIZE;

	shared->tid = (pid_t)syscall(SYS_gettid);
	if (strcmp(call, "write") == 0)
		n = write(ends[0], buffer, SIZE);
	else if (strcmp(call, "sendmsg") == 0)
		n = sendmsg(ends[0], &message, 0);
	else if (strcmp(call, "recv") == 0)
		n = recv(ends[0], buffer, SIZE, MSG_WAITALL);
	while ((stream || strcmp(call, "entropy") == 0) && n == SIZE && !shared->end) {
		n = write(ends[0], buffer, SIZE);
		usleep(stream ? 1000 : 0);
	}
	while (strcmp(call, "random") == 0 && n == SIZE && !shared->end)
		n = getrandom(buffer, SIZE, 0);
	shared->result = n;
	return unused;
}

/* Is the thread asleep in its call, in state 'S' of proc_pid_stat(5)? */
static bool is_blocked(pid_t pid)
{
	char path[64], text[256] = "", *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, shared->tid);
	f = fopen(path, "r");
	if (!f || !fgets(text, sizeof(text), f))
		die(path);
	fclose(f);
	state = strrchr(text, ')');
	return state && state[2] == 'S';
}

static bool has_other_end(void)
{
	return strcmp(call, "random") != 0 && strcmp(call, "entropy") != 0 &&
	       strcmp(call, "stream") != 0;
}

/* Has the call of PID moved what it can for now? */
static bool has_begun(pid_t pid)
{
	int left = 1;

	if (!has_other_end() || shared->tid == 0)
		return shared->tid != 0;
	if (strcmp(call, "recv") == 0)
		return ioctl(ends[0], FIONREAD, &left) == 0 && left == 0 && is_blocked(pid);
	return ioctl(ends[1], FIONREAD, &left) == 0 && left > PART && is_blocked(pid);
}

/* The other end of the transfer of PID. */
static void serve(pid_t pid)
{
	bool receives = strcmp(call, "recv") == 0;
	char line[16];

	if (receives && write(ends[1], buffer, PART) != PART)
		die("write");
	while (!has_begun(pid))
		sched_yield();
	printf("pid %d\nready\n", pid);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
	shared->end = true;
	for (ssize_t n, done = receives ? PART : 0; has_other_end() && done < SIZE;
	     done += n) {
		n = receives ? write(ends[1], buffer, SIZE - done) :
			       read(ends[1], buffer, SIZE);
		if (n <= 0)
			die("the other end");
	}
	while (shared->result == 0)
		sched_yield();
	if (shared->result == SIZE)
		puts("whole");
	else
		printf("%zd\n", shared->result);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
}

int main(int argc, char **argv)
{
	bool alone = argc > 2;
	pthread_t thread;
	pid_t pid = getpid();

	call = argc > 1 ? argv[1] : "";
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		die("socketpair");
	if (strcmp(call, "entropy") == 0)
		ends[0] = open("/dev/urandom", O_WRONLY);
	if (strcmp(call, "stream") == 0 && fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		while (read(ends[1], buffer, SIZE) > 0)
			;
		_exit(0);
	}
	if (!alone) {
		if (pthread_create(&thread, NULL, transfer, NULL) != 0)
			die("pthread_create");
		serve(pid);
		return 0;
	}
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(pid);
		_exit(0);
	}
	transfer(NULL);
	/* until the other end is closed, with the input */
	close(ends[1]);
	return read(ends[0], buffer, 1) == 0 ? 0 : 1;
}
