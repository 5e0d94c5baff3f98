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
#include "trap-trial.h"

/* What the escort says once it has tried to trace us. */
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

/* A SIGPIPE would be COMMAND's to see. */
static bool transmit(int fd, const void *buf, size_t size)
{
	return send(fd, buf, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Of all that is open, the escort needs its socket and stderr; the rest is COMMAND's alone. */
static void close_others(int socket)
{
	close_range(0, STDERR_FILENO - 1, 0);
	if (socket > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)socket - 1, 0);
	close_range((unsigned)socket + 1, ~0u, 0);
}

static int seize(pid_t pid, struct diagnosis *ret_why)
{
	int r;

	/* COMMAND inherits our seccomp filter: if that kills for mseal(2), let it be us */
	mseal_detect();
	/* a terminal's ^C is for COMMAND: the escort must not take it for its own */
	r = setsid() >= 0 ? 0 : -errno;
	/* without that one, only who has all that COMMAND has may trace it: ambient ones, say */
	if (r == 0 && privileges_have(CAP_SYS_PTRACE)) {
		r = privileges_reduce(true);
		if (r < 0)
			snprintf(ret_why->reason, sizeof(ret_why->reason),
				 "its tracer cannot drop capabilities: %s", strerror(-r));
	}
	if (r == 0 && access("/proc/self/maps", R_OK) != 0) {
		snprintf(ret_why->reason, sizeof(ret_why->reason), "/proc is not mounted");
		return -ENOENT;
	}
	if (r == 0 && !process_proc_is_ours()) {
		snprintf(ret_why->reason, sizeof(ret_why->reason),
			 "/proc is that of another PID namespace");
		return -ENOENT;
	}
	if (r < 0)
		return r;
	/* with it, the kernel lets COMMAND keep the privileges that it gains */
	privileges_raise(CAP_SYS_PTRACE);
	if (ptrace(PTRACE_SEIZE, pid, NULL, STARTUP_TRACE_OPTIONS) != 0)
		r = -errno;
	privileges_lower();
	if (r < 0)
		diagnose_access(ret_why, pid, r, true);
	return r;
}

/* COMMAND inherits both, as we have. */
static bool holds_sigtrap(const sigset_t *mask)
{
	struct sigaction action;

	return sigismember(mask, SIGTRAP) != 0 || sigaction(SIGTRAP, NULL, &action) != 0 ||
	       action.sa_handler == SIG_IGN;
}

/* The life of the escort of process PID. */
static void run_escort(struct escort *escort, pid_t pid, int socket)
{
	struct answer answer = { .error = -ENOSYS };
	struct held_signals held;
	struct trap_trial trial;
	pid_t us = getpid();
	char allowed;

	close_others(socket);
	signals_hold(&held);
	trap_trial_run(&trial);
	escort->no_trap = holds_sigtrap(&held.mask) || !trial.traps;
	if (!transmit(socket, &us, sizeof(us)) || !receive(socket, &allowed, sizeof(allowed)))
		return;
	if (trial.calls)
		answer.error = seize(pid, &answer.why);
	else
		snprintf(answer.why.reason, sizeof(answer.why.reason),
			 "this kernel does not tell its system calls");
	if (!transmit(socket, &answer, sizeof(answer)) || answer.error < 0)
		return;
	close(socket);
	startup_lead(escort, pid);
}

/*
 * Fork twice, so that the escort is not our child.  The one in between sends no signal
 * when it exits: a SIGCHLD that is blocked would still be there for COMMAND.
 */
static int fork_escort(struct escort *escort, int socket)
{
	pid_t pid = getpid(), child, escorting;
	int status;

	child = (pid_t)syscall(SYS_clone, 0ul, NULL, NULL, NULL, NULL);
	if (child < 0)
		return -errno;
	if (child == 0) {
		escorting = fork();
		if (escorting == 0)
			run_escort(escort, pid, socket);
		_exit(escorting < 0 ? errno : 0);
	}
	while (waitpid(child, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ESRCH;
}

/* Let the escort trace us, even where Yama lets only ancestors do so. */
static int be_seized(int socket, struct answer *ret)
{
	char allowed = 0;
	pid_t escort;

	ret->error = -ESRCH;
	if (!receive(socket, &escort, sizeof(escort)))
		return ret->error;
	/* EINVAL: there is no Yama here */
	prctl(PR_SET_PTRACER, (unsigned long)escort, 0, 0, 0);
	if (!transmit(socket, &allowed, sizeof(allowed)) ||
	    !receive(socket, ret, sizeof(*ret)))
		ret->error = -ESRCH;
	prctl(PR_SET_PTRACER, 0, 0, 0, 0);
	return ret->error;
}

/* A pair of sockets that are no standard streams, should some of those be closed. */
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

int escort_start(struct escort *escort, struct diagnosis *ret_why)
{
	struct answer answer = { .why = { .reason = "" } };
	int pair[2] = { -1, -1 }, r;

	r = open_pair(pair);
	if (r == 0) {
		r = fork_escort(escort, pair[1]);
		close(pair[1]);
		if (r == 0)
			r = be_seized(pair[0], &answer);
		close(pair[0]);
	}
	if (r < 0 && !answer.why.reason[0])
		snprintf(answer.why.reason, sizeof(answer.why.reason), "%s",
			 r == -ESRCH ? "its tracer has died" : strerror(-r));
	*ret_why = answer.why;
	return r;
}
