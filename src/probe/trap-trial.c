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

/* Where the trap is set.  The compiler must neither inline nor drop it. */
__attribute__((noinline))
static void landing(void)
{
	__asm__ volatile ("" ::: "memory");
}

static void run_child(void)
{
	sigset_t none;

	/* a stopped child whose parent is gone would live on, with all its open files */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* SIGTRAP may have been blocked or ignored when msealctl was started */
	sigemptyset(&none);
	signal(SIGTRAP, SIG_DFL);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(1);
	raise(SIGSTOP);
	sigprocmask(SIG_SETMASK, &none, NULL);
	landing();
	_exit(0);
}

/* Wait until CHILD stops by SIG.  *RET_ENDED: it was reaped, so its PID may be reused. */
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

static bool shows_calls(pid_t child)
{
	struct __ptrace_syscall_info info;

	return ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0;
}

static bool traps(pid_t child, bool *ret_ended)
{
	return entry_trap_set(child, (uint64_t)(uintptr_t)landing) == 0 &&
	       ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_stop(child, SIGTRAP, ret_ended);
}

void trap_trial_run(struct trap_trial *ret)
{
	pid_t child = fork();
	bool ended;

	/* it cannot be tried if msealctl itself is traced, for example */
	*ret = (struct trap_trial){ .calls = true, .traps = false };
	if (child < 0)
		return;
	if (child == 0)
		run_child();
	if (wait_stop(child, SIGSTOP, &ended)) {
		ret->calls = shows_calls(child);
		ret->traps = traps(child, &ended);
	}
	if (ended)
		return;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
}
