/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * A program runs to its next stop, and what it has started meanwhile is seen to.
 *
 * The kernel attaches us to every process and thread that it starts (PTRACE_O_TRACEFORK,
 * VFORK, CLONE), for a constructor may leave it to a child to go on.  A child with memory of
 * its own is sealed at once: every object has been loaded and relocated by then.  The parent
 * of a vfork(2) waits for its child anyway, so that child is led like the program itself.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "clock.h"
#include "entry-trap.h"
#include "process.h"
#include "sharers.h"
#include "startup-seal.h"

/* Is the signal SIG the debug register's trap?  Returns 1, 0 or -errno. */
static int is_trap(const struct startup *s, int sig)
{
	siginfo_t info;
	remote_regs regs;
	int r;

	if (sig != SIGTRAP)
		return 0;
	if (ptrace(PTRACE_GETSIGINFO, s->tracee.pid, NULL, &info) != 0)
		return -errno;
	r = remote_regs_get(s->tracee.pid, &regs);
	if (r < 0)
		return r;
	return info.si_code == ENTRY_TRAP_CODE && remote_regs_pc(&regs) == s->trap;
}

/* The next status of PID: a stop, or its end.  Returns 0 or -errno. */
static int wait_status(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Threads that constructors have started must not change the maps meanwhile. */
static int stop_threads(struct startup *s)
{
	int r = -ETIMEDOUT;

	/* the tracer may have been paused for so long itself, but hardly twice */
	for (int tries = 0; r == -ETIMEDOUT && tries < 2; tries++) {
		s->tracee.deadline = clock_now() + STARTUP_TIMEOUT_NS;
		r = tracee_gather(&s->tracee);
	}
	/* its calls take as long as it is kept from running */
	s->tracee.deadline = UINT64_MAX;
	return r;
}

int startup_seal_at_entry(struct startup *s)
{
	int r = s->execs_left == 1 && s->has_company ? stop_threads(s) : 0;

	if (r < 0)
		return startup_fail(s, r, "its threads do not stop");
	startup_compare_filters(s);
	return s->tracer->shim ? startup_check_shim(s) : startup_seal(s);
}

/*
 * Seal CHILD, whose parent is S, and let it go.  If that fails, neither of them must run: it
 * is ended, and S->child_error set.  IN_VFORK: only if it gets to the program's own code.
 */
static int seal_child(struct startup *s, pid_t child, bool in_vfork)
{
	struct startup c = *s;
	enum startup_stop stop = STOP_ENTRY;
	bool free_to_run, undone;
	int r = tracee_adopt(&c.tracee, child, STARTUP_TRACE_OPTIONS);

	if (r < 0)
		return r;
	c.has_company = false;
	c.borrows_memory = in_vfork || sharers_compare(s->tracee.pid, child);
	r = in_vfork ? startup_reach_entry(&c, &stop) : startup_undivert(&c);
	if (r == 0 && stop == STOP_ENTRY)
		r = startup_seal_at_entry(&c);
	s->why = c.why;
	s->reported = c.reported;
	undone = r == 0 || startup_undivert(&c) == 0;
	free_to_run = (r == 0 || (s->best_effort && undone)) &&
		      ptrace(PTRACE_DETACH, child, NULL, NULL) == 0;
	if (r == 0 && !free_to_run)
		r = -errno;
	if (r < 0 && startup_has_died(&c, r == -ESRCH ? STARTUP_DEATH_MS : 0))
		r = 0;
	s->child_error = r;
	/* its parent may wait for it: it must not stay stopped */
	if (r < 0 && !free_to_run)
		startup_refuse(&c);
	tracee_release(&c.tracee);
	return 0;
}

/*
 * The program is at EVENT: it has started a process or a thread.  Returns 0, or -errno if
 * that cannot be led, nor ended; in a vfork(2), the program waits for it.
 */
static int see_to_child(struct startup *s, int event)
{
	pid_t pid = s->tracee.pid;
	unsigned long child;
	struct process p;
	int status, r;

	if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child) != 0)
		return -errno;
	r = wait_status((pid_t)child, &status);
	if (r < 0 || !WIFSTOPPED(status))
		return r;
	if (process_read_stat(pid, (pid_t)child, &p) == 0) {
		/* a thread, which stop_threads() finds again */
		s->has_company = true;
		return ptrace(PTRACE_DETACH, (pid_t)child, NULL, NULL) == 0 ? 0 : -errno;
	}
	if (event != PTRACE_EVENT_VFORK && sharers_compare(pid, (pid_t)child))
		s->has_company = true;
	return seal_child(s, (pid_t)child, event == PTRACE_EVENT_VFORK);
}

/* Is STATUS a stop that the caller of startup_run() waits for?  Returns 1, 0 or -errno. */
static int is_awaited(const struct startup *s, int status, enum startup_stop *ret)
{
	if (status >> 16 == PTRACE_EVENT_EXEC) {
		*ret = STOP_EXEC;
		return 1;
	}
	if (WSTOPSIG(status) == TRACEE_SYSCALL_STOP) {
		*ret = STOP_SYSCALL;
		return 1;
	}
	*ret = STOP_ENTRY;
	return status >> 16 ? 0 : is_trap(s, WSTOPSIG(status));
}

int startup_run(struct startup *s, int request, enum startup_stop *ret)
{
	int next = request, sig = 0, status, r;

	for (;;) {
		/* at first, it is running: it may have stopped already */
		if (!s->running && ptrace(next, s->tracee.pid, NULL, (long)sig) != 0)
			return -errno;
		s->running = true;
		r = wait_status(s->tracee.pid, &status);
		if (r < 0)
			return r;
		if (!WIFSTOPPED(status))
			return -ESRCH;
		s->running = false;
		r = is_awaited(s, status, ret);
		if (r != 0)
			return r < 0 ? r : s->child_error;
		next = request;
		sig = 0;
		if (status >> 16 == 0) {
			sig = WSTOPSIG(status);
		} else if (status >> 16 != PTRACE_EVENT_STOP) {
			r = see_to_child(s, status >> 16);
			s->lost_child = r < 0;
			if (r < 0)
				return r;
			/* to be ended, it must leave the call */
			next = s->child_error < 0 ? PTRACE_SYSCALL : request;
		} else if (WSTOPSIG(status) != SIGTRAP) {
			next = PTRACE_LISTEN;
		}
	}
}
