/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Following a program from its execve(2) to its own code.
 *
 * Nothing is written to its memory.  At the exit stop of the execve it has not run one
 * instruction: code and constants are sealed there, where nothing relocates them.
 *
 * With a loader, the program's own code begins at its entry point, and by then the
 * loader has mapped and relocated everything and made RELRO read-only.  A debug
 * register of the processor stops it there.  Where there is none to be had, the system
 * calls are followed instead, up to the first one that a loader does not make.
 *
 * Without a loader the entry point is the first instruction, and the start-up code is
 * the program's.  Its system calls are followed: the mprotect(2) of RELRO is the last
 * thing that it does before main() in glibc; where there is none, the start-up is over
 * with the first call that start-up code does not make.  A program that is to be ended
 * has not made that call either.
 */
#include "startup.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "auxv.h"
#include "entry-trap.h"
#include "log.h"
#include "privileges.h"
#include "signals.h"
#include "startup-seal.h"
#include "survey.h"

enum stop {
	STOP_EXEC = 1,		/* 0 is for success */
	STOP_SYSCALL,
	STOP_ENTRY,		/* the debug register's */
};

static bool is_entry_trap(const struct startup *s, int sig)
{
	siginfo_t info;
	remote_regs regs;

	return sig == SIGTRAP && ptrace(PTRACE_GETSIGINFO, s->tracee.pid, NULL, &info) == 0 &&
	       info.si_code == ENTRY_TRAP_CODE && remote_regs_get(s->tracee.pid, &regs) == 0 &&
	       remote_regs_pc(&regs) == s->entry;
}

/* The next state of PID.  We have no other tracee yet, and no child. */
static int wait_stop(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, __WALL) < 0)
		if (errno != EINTR)
			return errno == ECHILD ? -ESRCH : -errno;
	return WIFSTOPPED(*ret_status) ? 0 : -ESRCH;
}

/* Has it ended, or is it about to: by SIGKILL, it may be at any time? */
static bool has_ended(const struct startup *s)
{
	const int options = WEXITED | WNOHANG | WNOWAIT | __WALL;
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)s->tracee.pid, &info, options) != 0 || info.si_pid != 0;
}

/*
 * Let the program run on with REQUEST to a stop that matters here.  Signals reach it,
 * and it stays stopped while it is (job control).  Returns enum stop, or -ESRCH when it
 * has ended.
 */
static int run(struct startup *s, int request)
{
	pid_t pid = s->tracee.pid;
	int next = request, sig = 0, status;

	for (;;) {
		int event, r;

		/* not if it runs anyway: it may have just come to the stop that is waited for */
		if (!s->running && ptrace(next, pid, NULL, (long)sig) != 0)
			return -errno;
		s->running = true;
		r = wait_stop(pid, &status);
		if (r < 0)
			return r;
		s->running = false;
		event = status >> 16;
		next = request;
		sig = 0;
		if (event == PTRACE_EVENT_EXEC)
			return STOP_EXEC;
		if (event == PTRACE_EVENT_STOP)
			next = WSTOPSIG(status) == SIGTRAP ? request : PTRACE_LISTEN;
		else if (WSTOPSIG(status) == TRACEE_SYSCALL_STOP)
			return STOP_SYSCALL;
		else if (is_entry_trap(s, WSTOPSIG(status)))
			return STOP_ENTRY;
		else
			sig = WSTOPSIG(status);
	}
}

static int syscall_info(const struct startup *s, struct __ptrace_syscall_info *ret)
{
	return ptrace(PTRACE_GET_SYSCALL_INFO, s->tracee.pid, sizeof(*ret), ret) > 0 ? 0 :
										       -errno;
}

/*
 * From the entry stop of a call to a stop outside of any: an mseal(2) of nothing, which
 * every filter must allow that lets us work, takes its place, and then it is made again.
 * Returns STOP_ENTRY or -errno.
 */
static int step_back(struct startup *s)
{
	remote_regs regs, instead;
	int r = remote_regs_get(s->tracee.pid, &regs);

	if (r < 0)
		return r;
	instead = regs;
	startup_call_replace(&instead, s->calls->mseal, 0);
	r = remote_regs_set(s->tracee.pid, &instead);
	if (r == 0)
		r = run(s, PTRACE_SYSCALL);
	startup_call_rewind(&regs);
	if (r >= 0)
		r = remote_regs_set(s->tracee.pid, &regs);
	return r < 0 ? r : STOP_ENTRY;
}

/* Has the main program's RELRO become read-only? */
static bool relro_is_done(const struct startup *s)
{
	bool found = false, writable = false;
	struct survey survey;

	if (survey_read(&survey, s->tracee.pid, s->tracee.pid, SURVEY_STARTING) < 0)
		return false;
	for (size_t i = 0; i < survey.regions.count; i++) {
		const struct region *region = &survey.regions.items[i];

		if (region->class != CLASS_RELRO || !region->image->is_exe)
			continue;
		found = true;
		writable = writable || region->blocker != BLOCKER_NONE;
	}
	survey_free(&survey);
	return found && !writable;
}

/* Is this call, about to be made, the first of the program's own code? */
static bool is_own_call(const struct startup *s, const struct __ptrace_syscall_info *info)
{
	long number = (long)info->entry.nr;

	if (startup_calls_has(s->calls->program, number))
		return false;
	if (!s->loader_start)
		return true;
	return info->instruction_pointer < s->loader_start ||
	       info->instruction_pointer >= s->loader_end ||
	       !startup_calls_has(s->calls->loader, number);
}

/* To the end of the start-up, by the system calls.  Returns STOP_ENTRY, STOP_EXEC or -errno. */
static int follow_calls(struct startup *s)
{
	struct __ptrace_syscall_info info;
	bool is_mprotect = false;
	int r;

	for (;;) {
		r = run(s, PTRACE_SYSCALL);
		if (r == STOP_SYSCALL)
			r = syscall_info(s, &info);
		else
			return r;
		if (r < 0)
			return r;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
			is_mprotect = (long)info.entry.nr == s->calls->mprotect;
			if (is_own_call(s, &info))
				return step_back(s);
		} else if (is_mprotect && !s->loader_start && relro_is_done(s)) {
			return STOP_ENTRY;
		}
	}
}

/* To the entry point of the program.  Returns STOP_ENTRY, STOP_EXEC or -errno. */
static int reach_entry(struct startup *s)
{
	pid_t pid = s->tracee.pid;
	int r;

	if (!s->base)
		return follow_calls(s);
	/* by their calls, the shim cannot be told from the program */
	if (s->escort->no_trap || entry_trap_set(pid, s->entry) < 0)
		return s->escort->shim ? -EOPNOTSUPP : follow_calls(s);
	r = run(s, PTRACE_CONT);
	/* an exec clears it by itself */
	if (r == STOP_ENTRY)
		entry_trap_clear(pid);
	return r;
}

/*
 * A loader that is run as a program, ld.so(8), and told by its arguments which one to
 * load: "ld-linux-x86-64.so.2", "ld-2.31.so", "ld-musl-x86_64.so.1", or musl's "libc.so".
 */
static bool is_loader(const struct image *image)
{
	const char *slash = image->path ? strrchr(image->path, '/') : NULL;

	return slash && (strcmp(slash, "/libc.so") == 0 ||
			 (strncmp(slash, "/ld-", 4) == 0 && strstr(slash, ".so")));
}

/*
 * Find the image of the loader, if there is one, and see to it that the program itself
 * is understood: what is not recognised as an ELF object would be left out.
 */
static int find_images(struct startup *s)
{
	struct survey survey;
	bool found;
	int r;

	s->loader_start = s->loader_end = 0;
	r = survey_read(&survey, s->tracee.pid, s->tracee.pid, SURVEY_STARTING);
	if (r < 0)
		return r;
	for (size_t i = 0; i < survey.regions.count; i++) {
		const struct image *image = survey.regions.items[i].image;

		if (image && (s->base ? image->start == s->base :
			      image->is_exe && is_loader(image))) {
			s->loader_start = image->start;
			s->loader_end = image->end;
		}
	}
	found = regions_know_exe(&survey.regions);
	survey_free(&survey);
	return found && (!s->base || s->loader_start) ? 0 : -ENOEXEC;
}

/* From the event of an exec to the exit stop of the execve, and what can be known there. */
static int look_around(struct startup *s)
{
	remote_regs regs;
	struct auxv auxv;
	int r = run(s, PTRACE_SYSCALL);

	if (r == STOP_SYSCALL)
		r = remote_regs_get(s->tracee.pid, &regs);
	if (r < 0)
		return r;
	s->calls = startup_calls_of(&regs);
	if (!s->calls)
		return -ENOEXEC;
	r = auxv_read(s->tracee.pid, &auxv);
	if (r < 0)
		return r;
	s->entry = auxv.entry;
	s->base = auxv.base;
	s->secure = auxv.secure;
	return find_images(s);
}

/* What COMMAND would be with the privileges that our tracing has taken from it. */
static bool lost_privileges(const struct startup *s)
{
	return s->secure && !privileges_have(CAP_SYS_PTRACE);
}

static int seal_at_entry(struct startup *s)
{
	int r;

	startup_begin_work(s);
	/* what constructors have started must not change the maps meanwhile */
	if (s->execs_left == 1) {
		r = tracee_gather(&s->tracee);
		if (r < 0) {
			startup_log_failure(s, "its threads do not stop");
			return r;
		}
	}
	return startup_seal(s);
}

/*
 * From one exec to the program's own code.  Returns 0 if it is sealed and may run,
 * STOP_EXEC if it executed another program before, or -errno; reported, unless it has
 * ended (-ESRCH).
 */
static int lead_program(struct startup *s)
{
	bool strict = !s->escort->best_effort;
	int r = look_around(s);

	if (r == -ESRCH)
		return r;
	/* not even --best-effort asks for that */
	if (r == 0 && lost_privileges(s)) {
		log_error("%s: cannot seal: it gains privileges, which tracing takes from it",
			  s->escort->object);
		return -EPERM;
	}
	if (r < 0) {
		startup_log_failure(s, r == -ENOEXEC ? "its ELF headers are not understood" :
						       strerror(-r));
		return strict ? r : 0;
	}
	r = s->escort->shim ? 0 : startup_seal_early(s);
	if (r == 0) {
		r = reach_entry(s);
		if (r < 0 && r != -ESRCH)
			startup_log_failure(s, r == -EOPNOTSUPP ?
					    "without debug registers it cannot be seen whether "
					    "its loader loads the shim" : strerror(-r));
	}
	if (r == STOP_ENTRY)
		r = seal_at_entry(s);
	return r < 0 && r != -ESRCH && !strict ? 0 : r;
}

void startup_lead(struct escort *escort, pid_t pid)
{
	struct startup s = { .escort = escort, .running = true };
	int r = tracee_adopt(&s.tracee, pid, STARTUP_TRACE_OPTIONS);

	if (r < 0) {
		/* our end is its end: EXITKILL */
		startup_log_failure(&s, strerror(-r));
		return;
	}
	/* its leader runs, until the first exec; if that fails, msealctl says so and ends */
	for (s.execs_left = escort->hops + 1; r >= 0 && s.execs_left > 0; s.execs_left--) {
		r = run(&s, PTRACE_CONT);
		while (r == STOP_EXEC)
			r = lead_program(&s);
	}
	/* what looks like its end need not be that: /proc may be another namespace's */
	if (r == -ESRCH && !has_ended(&s)) {
		startup_log_failure(&s, "it is not to be found in /proc");
		r = escort->best_effort ? 0 : -EIO;
	}
	if (r < 0 && r != -ESRCH)
		startup_refuse(&s);
	tracee_release(&s.tracee);
}
