/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* How the start of a program that cannot be sealed ends. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "exit-status.h"
#include "inject.h"
#include "log.h"
#include "startup-seal.h"
#include "survey.h"

bool startup_has_died(const struct startup *s, int timeout_ms)
{
	struct pollfd exited = { .fd = s->tracee.pidfd, .events = POLLIN };

	/* readable once the process has exited, pidfd_open(2) */
	return poll(&exited, 1, timeout_ms) == 1 && (exited.revents & POLLIN);
}

void startup_log_failure(struct startup *s)
{
	if (!s->reported && s->best_effort)
		log_warning("%s: runs unsealed: %s", s->tracer->object, s->why);
	else if (!s->reported)
		log_error("%s: cannot seal: %s", s->tracer->object, s->why);
	s->reported = true;
}

/* Make it call exit_group(2) here and now. */
static int end_at_once(struct startup *s)
{
	const unsigned long arguments[4] = { STATUS_EXEC_FAILED };
	cleanup_survey struct survey survey = { .arena = ARENA_INIT };
	struct injector in;
	long result;
	int r;

	r = survey_read(&survey, s->tracee.pid, s->tracee.pid, SURVEY_STARTING);
	if (r < 0)
		return r;
	r = inject_begin(&in, &s->tracee, &survey.regions, NO_CHAIN, NULL);
	/* if this succeeds, it does not return */
	if (r == 0 && inject_call(&in, s->calls->exit_group, arguments, &result) < 0)
		s->disturbed = true;
	return r;
}

/*
 * Let the next call that it makes, whichever it is, be exit_group(2).  Until then it runs:
 * its registers must be its own.
 */
static int end_at_next_call(struct startup *s)
{
	const unsigned long arguments[4] = { STATUS_EXEC_FAILED };
	struct tracee_thread *thread = &s->tracee.threads[0];
	struct __ptrace_syscall_info info;
	remote_regs regs;
	int status, r;

	do {
		r = tracee_resume(&s->tracee, thread, PTRACE_SYSCALL, 0, &status);
		if (r < 0)
			return r;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->tid, sizeof(info), &info) < 0)
			return -errno;
	} while (info.op != PTRACE_SYSCALL_INFO_ENTRY);
	/* not every architecture lets the first argument be changed there */
	r = startup_step_back(s);
	if (r == 0)
		r = remote_regs_get(thread->tid, &regs);
	if (r < 0)
		return r;
	remote_abi_of(&regs)->prepare(&regs, remote_regs_pc(&regs), s->calls->exit_group,
				      arguments);
	r = remote_regs_set(thread->tid, &regs);
	return r < 0 ? r : tracee_resume(&s->tracee, thread, PTRACE_CONT, 0, &status);
}

void startup_refuse(struct startup *s)
{
	startup_compare_filters(s);
	s->tracee.deadline = clock_now() + STARTUP_TIMEOUT_NS;
	if (s->calls && !s->running && !s->lost_child && end_at_once(s) < 0 && !s->disturbed)
		end_at_next_call(s);
	/* whatever has gone wrong, it must not run on */
	if (!startup_has_died(s, STARTUP_DEATH_MS))
		syscall(SYS_pidfd_send_signal, s->tracee.pidfd, SIGKILL, NULL, 0);
}
