/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "trap-trial.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entry-trap.h"

/* Where the trap is set.  Not inlined, nor seen to do nothing. */
__attribute__((noinline))
static void landing(void)
{
	__asm__ volatile ("" ::: "memory");
}

static void be_tried(void)
{
	/* whoever started us may have blocked or ignored it */
	sigset_t none;

	/* stopped, it would keep what it has open for ever */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	signal(SIGTRAP, SIG_DFL);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(1);
	raise(SIGSTOP);
	sigprocmask(SIG_SETMASK, &none, NULL);
	landing();
	_exit(0);
}

/* *RET_ENDED: it is no more, and its number may be another's. */
static bool wait_stop(pid_t child, int sig, bool *ret_ended)
{
	int status;
	pid_t got;

	do {
		got = waitpid(child, &status, 0);
	} while (got < 0 && errno == EINTR);
	*ret_ended = got != child || !WIFSTOPPED(status);
	return got == child && WIFSTOPPED(status) && WSTOPSIG(status) == sig;
}

static bool tells_calls(pid_t child)
{
	struct __ptrace_syscall_info info;

	return ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0;
}

static bool traps(pid_t child, bool *ret_ended)
{
	return entry_trap_set(child, (uint64_t)(uintptr_t)landing) == 0 &&
	       ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_stop(child, SIGTRAP, ret_ended);
}

void tracing_try(struct tracing *ret)
{
	pid_t child = fork();
	bool ended;

	/* if it cannot be tried, because somebody traces us already, say, be hopeful */
	*ret = (struct tracing){ .calls = true, .traps = false };
	if (child < 0)
		return;
	if (child == 0)
		be_tried();
	if (wait_stop(child, SIGSTOP, &ended)) {
		ret->calls = tells_calls(child);
		ret->traps = traps(child, &ended);
	}
	if (ended)
		return;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
}
