/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Following a program from its execve(2) to its own code.
 *
 * Nothing is written to its memory.  At the exit stop of the execve it has not run one
 * instruction: code and constants are sealed there, unless relocations change them.
 *
 * With a loader, the program's own code begins at its entry point, and by then the
 * loader has mapped and relocated everything and made RELRO read-only.  A debug
 * register of the processor stops it there.  Where debug registers cannot be used, the
 * system calls are followed instead, up to the first one that a loader does not make.
 *
 * Without a loader the entry point is the first instruction, and the start-up code is
 * the program's.  Its system calls are followed: in glibc, the mprotect(2) of RELRO is
 * the last thing before main().  A program without RELRO is stopped at the first call
 * that start-up code does not make; if it is refused, it has not made that call.
 *
 * Whatever goes wrong, the program does not run on unsealed, unless with --best-effort:
 * only its own death, read from its pidfd, is a reason to do nothing.  Until it is
 * detached, the kernel kills it when the tracer exits (PTRACE_O_EXITKILL).
 */
#include "startup.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "auxv.h"
#include "clock.h"
#include "entry-trap.h"
#include "privileges.h"
#include "startup-seal.h"
#include "survey.h"

/* Why the program has stopped. */
enum stop {
	STOP_EXEC,
	STOP_SYSCALL,
	STOP_ENTRY,		/* the debug register's */
};

/* Is the signal SIG the debug register's trap?  Returns 1, 0 or -errno. */
static int is_entry_trap(const struct startup *s, int sig)
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
	return info.si_code == ENTRY_TRAP_CODE && remote_regs_pc(&regs) == s->entry;
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

static int seal_at_entry(struct startup *s)
{
	int r = s->execs_left == 1 ? stop_threads(s) : 0;

	if (r < 0)
		return startup_fail(s, r, "its threads do not stop");
	startup_compare_filters(s);
	return s->tracer->shim ? startup_check_shim(s) : startup_seal(s);
}

/*
 * A constructor has forked, and its child may be what goes on to the program's own code.
 * Every object has been loaded and relocated by now: seal the child, and detach.
 */
static int seal_child(struct startup *parent)
{
	struct startup s = *parent;
	unsigned long pid;
	int status, r;

	if (ptrace(PTRACE_GETEVENTMSG, parent->tracee.pid, NULL, &pid) != 0)
		return -errno;
	r = wait_status((pid_t)pid, &status);
	if (r < 0 || !WIFSTOPPED(status))
		return r;
	r = tracee_adopt(&s.tracee, (pid_t)pid, STARTUP_TRACE_OPTIONS);
	if (r < 0)
		return r;
	r = seal_at_entry(&s);
	if (r < 0 && startup_has_died(&s, r == -ESRCH ? STARTUP_DEATH_MS : 0))
		r = 0;
	parent->why = s.why;
	parent->reported = s.reported;
	if (r < 0 && !s.best_effort)
		startup_refuse(&s);
	else
		tracee_release(&s.tracee);
	return r;
}

/*
 * Let the program run on with REQUEST to its next stop in *RET.  Signals are delivered
 * to it, and it stays stopped while it is (job control).  Returns 0 or -errno, -ESRCH
 * if it has exited.
 */
static int run(struct startup *s, int request, enum stop *ret)
{
	pid_t pid = s->tracee.pid;
	int next = request, sig = 0, error = 0, status, r;

	for (;;) {
		/* at first, it is running: it may have stopped already */
		if (!s->running && ptrace(next, pid, NULL, (long)sig) != 0)
			return -errno;
		s->running = true;
		r = wait_status(pid, &status);
		if (r < 0)
			return r;
		if (!WIFSTOPPED(status))
			return -ESRCH;
		s->running = false;
		next = request;
		sig = 0;
		if (status >> 16 == PTRACE_EVENT_EXEC) {
			*ret = STOP_EXEC;
			return 0;
		}
		if (status >> 16 == PTRACE_EVENT_STOP) {
			next = WSTOPSIG(status) == SIGTRAP ? request : PTRACE_LISTEN;
			continue;
		}
		if (status >> 16 == PTRACE_EVENT_FORK) {
			/* to be ended, it must leave the fork(2) */
			error = seal_child(s);
			next = error < 0 ? PTRACE_SYSCALL : request;
			continue;
		}
		if (WSTOPSIG(status) == TRACEE_SYSCALL_STOP) {
			*ret = STOP_SYSCALL;
			return error;
		}
		sig = WSTOPSIG(status);
		r = is_entry_trap(s, sig);
		if (r != 0) {
			*ret = STOP_ENTRY;
			return r < 0 ? r : 0;
		}
	}
}

/*
 * From the entry stop of a call to a stop outside of any: an mseal(2) of nothing, which
 * every seccomp filter here must allow, takes its place, and then it is made again.
 */
static int step_back(struct startup *s)
{
	remote_regs regs, instead;
	enum stop stop;
	int r = remote_regs_get(s->tracee.pid, &regs);

	if (r < 0)
		return r;
	instead = regs;
	startup_call_replace(&instead, s->calls->mseal, 0);
	r = remote_regs_set(s->tracee.pid, &instead);
	if (r < 0)
		return r;
	r = run(s, PTRACE_SYSCALL, &stop);
	if (r < 0)
		return r;
	startup_call_rewind(&regs);
	return remote_regs_set(s->tracee.pid, &regs);
}

/* Has the main program's RELRO become read-only?  Returns 1, 0 or -errno. */
static int relro_is_done(const struct startup *s)
{
	cleanup_survey struct survey survey = { .arena = ARENA_INIT };
	int r = survey_read(&survey, s->tracee.pid, s->tracee.pid, SURVEY_STARTING);
	bool found = false;

	if (r < 0)
		return r;
	for (size_t i = 0; i < survey.regions.count; i++) {
		const struct region *region = &survey.regions.items[i];

		if (region->class != CLASS_RELRO || !region->image->is_exe)
			continue;
		if (region->blocker != BLOCKER_NONE)
			return 0;
		found = true;
	}
	return found;
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

/* To the end of the start-up, by the system calls.  *RET is STOP_ENTRY or STOP_EXEC. */
static int follow_calls(struct startup *s, enum stop *ret)
{
	struct __ptrace_syscall_info info;
	bool is_mprotect = false;
	int r;

	for (;;) {
		r = run(s, PTRACE_SYSCALL, ret);
		if (r < 0 || *ret != STOP_SYSCALL)
			return r;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, s->tracee.pid, sizeof(info), &info) < 0)
			return -errno;
		*ret = STOP_ENTRY;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
			is_mprotect = (long)info.entry.nr == s->calls->mprotect;
			if (is_own_call(s, &info))
				return step_back(s);
		} else if (is_mprotect && !s->loader_start) {
			r = relro_is_done(s);
			if (r != 0)
				return r < 0 ? r : 0;
		}
	}
}

/* To the entry point of the program.  *RET is STOP_ENTRY or STOP_EXEC. */
static int reach_entry(struct startup *s, enum stop *ret)
{
	pid_t pid = s->tracee.pid;
	int r;

	if (!s->base)
		return follow_calls(s, ret);
	if (s->tracer->no_trap || entry_trap_set(pid, s->entry) < 0) {
		/* by their calls, the shim and the program look the same */
		if (s->tracer->shim)
			return startup_fail(s, -EPERM, "without debug registers it cannot be "
					    "seen whether its loader loads the shim");
		return follow_calls(s, ret);
	}
	r = run(s, PTRACE_CONT, ret);
	/* an exec clears it by itself */
	if (r == 0 && *ret == STOP_ENTRY)
		r = entry_trap_clear(pid);
	return r;
}

/*
 * A loader that is run as a program, ld.so(8), and finds the program in its arguments:
 * "ld-linux-x86-64.so.2", "ld-2.31.so", "ld-musl-x86_64.so.1", or musl's "libc.so".
 */
static bool is_loader(const struct image *image)
{
	const char *slash = image->path ? strrchr(image->path, '/') : NULL;

	return slash && (strcmp(slash, "/libc.so") == 0 ||
			 (strncmp(slash, "/ld-", 4) == 0 && strstr(slash, ".so")));
}

/*
 * Find the image of the loader, if there is one, and make sure that the program itself
 * is recognised: what is no ELF object would be left out.
 */
static int find_images(struct startup *s)
{
	cleanup_survey struct survey survey = { .arena = ARENA_INIT };
	int r = survey_read(&survey, s->tracee.pid, s->tracee.pid, SURVEY_STARTING);

	if (r < 0)
		return r;
	s->loader_start = s->loader_end = 0;
	for (size_t i = 0; i < survey.regions.count; i++) {
		const struct image *image = survey.regions.items[i].image;

		if (image && (s->base ? image->start == s->base :
			      image->is_exe && is_loader(image))) {
			s->loader_start = image->start;
			s->loader_end = image->end;
		}
	}
	return regions_know_exe(&survey.regions) && (!s->base || s->loader_start) ? 0 : -ENOEXEC;
}

/* From the event of an exec to the exit stop of the execve, and what can be known there. */
static int look_around(struct startup *s)
{
	remote_regs regs;
	struct auxv auxv;
	enum stop stop;
	int r = run(s, PTRACE_SYSCALL, &stop);

	if (r < 0)
		return r;
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

/*
 * From one exec to the program's own code, which is sealed then; or to the next exec, by
 * a constructor: *RET tells.
 */
static int lead_program(struct startup *s, enum stop *ret)
{
	int r = look_around(s);

	if (r < 0)
		return r == -ENOEXEC ?
		       startup_fail(s, r, "its ELF headers are not understood") : r;
	if (s->secure && !privileges_have(CAP_SYS_PTRACE)) {
		/* COMMAND asks for them more than for --best-effort */
		s->best_effort = false;
		return startup_fail(s, -EPERM,
				    "it gains privileges, which tracing takes from it");
	}
	r = s->tracer->shim ? 0 : startup_seal_early(s);
	if (r == 0)
		r = reach_entry(s, ret);
	if (r == 0 && *ret == STOP_ENTRY)
		r = seal_at_entry(s);
	return r;
}

/* Through all execs up to COMMAND's own.  Returns 0 if it may run, or -errno. */
static int lead(struct startup *s)
{
	/* its leader runs until the first exec; if that fails, msealctl reports it */
	for (s->execs_left = s->tracer->execs_ahead + 1; s->execs_left > 0; s->execs_left--) {
		enum stop stop;
		int r = run(s, PTRACE_CONT, &stop);

		while (r == 0 && stop == STOP_EXEC)
			r = lead_program(s, &stop);
		if (r == 0)
			continue;
		if (startup_has_died(s, r == -ESRCH ? STARTUP_DEATH_MS : 0))
			return 0;
		startup_fail(s, r, r == -ESRCH ? "it was killed" : strerror(-r));
		startup_log_failure(s);
		if (!s->best_effort)
			return r;
	}
	return 0;
}

int startup_begin(struct startup *ret, const struct tracer_process *tracer, pid_t pid)
{
	*ret = (struct startup){
		.tracer = tracer, .running = true, .best_effort = tracer->best_effort,
	};
	return tracee_adopt(&ret->tracee, pid, STARTUP_TRACE_OPTIONS);
}

void startup_lead(struct startup *s)
{
	if (lead(s) < 0)
		startup_refuse(s);
	else
		tracee_release(&s->tracee);
}
