/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "tracer-process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "mseal.h"
#include "privileges.h"
#include "process.h"
#include "signals.h"
#include "startup.h"

/* What the tracer answers once it has tried to trace msealctl. */
struct answer {
	int error;		/* 0, or -errno */
	struct diagnosis why;
};

static bool receive(int fd, void *buf, size_t size)
{
	ssize_t n;

	do {
		n = recv(fd, buf, size, 0);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

/* A SIGPIPE would stay pending for COMMAND. */
static bool transmit(int fd, const void *buf, size_t size)
{
	return send(fd, buf, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* The tracer needs its socket and stderr; all other open files are COMMAND's alone. */
static void close_others(int socket)
{
	close_range(0, STDERR_FILENO - 1, 0);
	if (socket > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)socket - 1, 0);
	close_range((unsigned)socket + 1, ~0u, 0);
}

/* ERROR for REASON and, if it is not NULL, DETAIL. */
static int refuse(struct diagnosis *ret_why, int error, const char *reason, const char *detail)
{
	snprintf(ret_why->reason, sizeof(ret_why->reason), "%s%s%s", reason,
		 detail ? ": " : "", detail ? detail : "");
	return error;
}

static int seize(pid_t pid, struct diagnosis *ret_why)
{
	int r;

	/* a seccomp filter that kills for mseal(2) must kill here, not in COMMAND */
	mseal_detect();
	/* a terminal's ^C is for COMMAND alone */
	if (setsid() < 0)
		return -errno;
	/*
	 * Without CAP_SYS_PTRACE, a tracer must have all capabilities of COMMAND, such as
	 * ambient ones, so none is dropped.
	 */
	r = privileges_have(CAP_SYS_PTRACE) ? privileges_reduce(true) : 0;
	if (r < 0)
		return refuse(ret_why, r, "its tracer cannot drop capabilities", strerror(-r));
	/* with it, the kernel lets COMMAND keep the privileges that it gains */
	privileges_raise(CAP_SYS_PTRACE);
	r = ptrace(PTRACE_SEIZE, pid, NULL, STARTUP_TRACE_OPTIONS) == 0 ? 0 : -errno;
	privileges_lower();
	if (r < 0)
		diagnose_access(ret_why, pid, r, true);
	return r;
}

/* COMMAND inherits mask and action from this process. */
static bool holds_sigtrap(const sigset_t *mask)
{
	struct sigaction action;

	return sigismember(mask, SIGTRAP) != 0 || sigaction(SIGTRAP, NULL, &action) != 0 ||
	       action.sa_handler == SIG_IGN;
}

/* The tracer, from its fork on, of process PID. */
static void run_tracer(struct tracer_process *tracer, pid_t pid, int socket)
{
	struct answer answer = { .error = 0 };
	struct startup startup;
	struct held_signals held;
	pid_t own_pid = getpid();
	const char *problem;
	char allowed;

	close_others(socket);
	signals_hold(&held);
	tracer->holds_sigtrap = holds_sigtrap(&held.mask);
	if (!transmit(socket, &own_pid, sizeof(own_pid)) ||
	    !receive(socket, &allowed, sizeof(allowed)))
		return;
	problem = process_proc_problem();
	if (problem)
		answer.error = refuse(&answer.why, -ENOENT, problem, NULL);
	else
		answer.error = startup_begin(&startup, tracer, pid);
	/* last: once it is seized, it dies with this process */
	if (answer.error == 0)
		answer.error = seize(pid, &answer.why);
	if (!transmit(socket, &answer, sizeof(answer)) || answer.error < 0)
		return;
	close(socket);
	startup_lead(&startup);
}

/*
 * Fork twice, so that the tracer is not a child of this process.  The process in between
 * sends no signal when it exits: a blocked SIGCHLD would stay pending for COMMAND.
 */
static int fork_tracer(struct tracer_process *tracer, int socket)
{
	pid_t pid = getpid(), child, grandchild;
	int status;

	child = (pid_t)syscall(SYS_clone, 0ul, NULL, NULL, NULL, NULL);
	if (child < 0)
		return -errno;
	if (child == 0) {
		grandchild = fork();
		if (grandchild == 0)
			run_tracer(tracer, pid, socket);
		_exit(grandchild < 0 ? errno : 0);
	}
	while (waitpid(child, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ESRCH;
}

/* Let the tracer seize this process, even where Yama restricts that to ancestors. */
static int be_seized(int socket, struct answer *ret)
{
	char allowed = 0;
	pid_t tracer;

	ret->error = -ESRCH;
	if (!receive(socket, &tracer, sizeof(tracer)))
		return ret->error;
	/* EINVAL: there is no Yama here */
	prctl(PR_SET_PTRACER, (unsigned long)tracer, 0, 0, 0);
	if (!transmit(socket, &allowed, sizeof(allowed)) ||
	    !receive(socket, ret, sizeof(*ret)))
		ret->error = -ESRCH;
	prctl(PR_SET_PTRACER, 0, 0, 0, 0);
	return ret->error;
}

/* A pair of sockets above the standard streams, some of which may be closed. */
static int open_pair(int ret[2])
{
	int low[2], r = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, low) != 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		ret[i] = fcntl(low[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (ret[i] < 0)
			r = -errno;
		close(low[i]);
	}
	return r;
}

int tracer_process_start(struct tracer_process *tracer, struct diagnosis *ret_why)
{
	struct answer answer = { .why = { .reason = "" } };
	int pair[2] = { -1, -1 }, r;

	r = open_pair(pair);
	if (r == 0) {
		r = fork_tracer(tracer, pair[1]);
		close(pair[1]);
		if (r == 0)
			r = be_seized(pair[0], &answer);
		close(pair[0]);
	}
	if (r < 0 && !answer.why.reason[0])
		refuse(&answer.why, r, r == -ESRCH ? "its tracer has died" : strerror(-r), NULL);
	*ret_why = answer.why;
	return r;
}
