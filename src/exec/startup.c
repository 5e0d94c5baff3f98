/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Following a program from its execve(2) to its own code.
 *
 * Nothing of its memory stays changed.  At the exit stop of the execve it has not run one
 * instruction: code and constants are sealed there, unless relocations change them.
 *
 * With a loader, the program's own code begins at its entry point, and by then the
 * loader has mapped and relocated everything and made RELRO read-only.  A debug
 * register of the processor stops it there, and again at main().  Where debug registers
 * cannot be used, the loader is made to jump to a system call instead (startup-entry.c), or
 * the system calls are followed, up to the first one that a loader does not make.
 *
 * Without a loader the entry point is the first instruction, and the start-up code is
 * the program's.  Its system calls are followed: in glibc, the mprotect(2) of RELRO is
 * the last thing before constructors.  A program without RELRO is stopped at the first call
 * that start-up code does not make; if it is refused, it has not made that call.
 *
 * Whatever goes wrong, the program does not run on unsealed, unless with --best-effort:
 * only its own death, read from its pidfd, is a reason to do nothing.  Until it is
 * detached, the kernel kills it when the tracer exits (PTRACE_O_EXITKILL).
 */
#include "startup.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "auxv.h"
#include "entry-trap.h"
#include "exit-status.h"
#include "privileges.h"
#include "remote-memory.h"
#include "seccomp.h"
#include "startup-seal.h"
#include "survey.h"

int startup_step_back(struct startup *s)
{
	struct tracee *t = &s->tracee;
	remote_regs regs, instead;
	enum startup_stop stop;
	bool suspended;
	int r = remote_regs_get(t->pid, &regs);

	if (r < 0)
		return r;
	/* a filter that a constructor has installed could kill it for the call */
	startup_compare_filters(s);
	suspended = !t->own_filter && seccomp_suspend(t->pid, t->options) == 0;
	instead = regs;
	startup_call_replace(&instead, s->calls->mseal);
	r = remote_regs_set(t->pid, &instead);
	if (r == 0)
		r = startup_run(s, PTRACE_SYSCALL, &stop);
	if (r < 0)
		return r;
	if (suspended && ptrace(PTRACE_SETOPTIONS, t->pid, NULL, (long)t->options) != 0)
		return -errno;
	startup_call_rewind(&regs);
	return remote_regs_set(t->pid, &regs);
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

/* By their calls, the shim and the program look the same. */
#define SHIM_UNSEEN "without debug registers it cannot be seen whether its loader loads the shim"

/* The program must not make the call at whose entry stop it is. */
static int refuse_call(struct startup *s, const char *why)
{
	int r = startup_step_back(s);

	return r < 0 ? r : startup_fail(s, -EPERM, why);
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

/*
 * The same where the loader's jump is diverted: calls of the objects' constructors are not
 * the end.  But whatever the loader may have a copy of, the program's own code is.
 */
static int is_last_of_diverted(struct startup *s, const struct __ptrace_syscall_info *info)
{
	bool own = is_own_call(s, info);
	int r = 0;

	if (startup_has_jumped(s, info)) {
		s->divert = DIVERT_TAKEN;
		return 1;
	}
	/* the copies are not those of a child that borrows the memory */
	if (s->divert != DIVERT_LOST && !s->borrows_memory &&
	    (own || (s->divert == DIVERT_BEGUN && (long)info->entry.nr == s->calls->mprotect)))
		r = startup_restore_vector(s);
	if (r == 0 && s->divert == DIVERT_LOST && s->tracer->shim)
		return refuse_call(s, SHIM_UNSEEN);
	if (r < 0 || !own)
		return r;
	if (s->divert == DIVERT_LOST || (info->instruction_pointer >= s->exe_start &&
					 info->instruction_pointer < s->exe_end))
		return 1;
	/* the shim has said why it refuses the program */
	if (s->tracer->shim && (long)info->entry.nr == s->calls->exit_group &&
	    (int)info->entry.args[0] == STATUS_EXEC_FAILED)
		return 0;
	/* a constructor ends it, or its own code was reached unseen: the two look alike */
	if ((long)info->entry.nr == s->calls->exit_group && !s->borrows_memory)
		return refuse_call(s, "it ends before it has come to its entry point");
	return 0;
}

/* Is this call, about to be made, the end of the start-up?  Returns 1, 0 or -errno. */
static int is_last_call(struct startup *s, const struct __ptrace_syscall_info *info)
{
	return s->divert == DIVERT_NONE ? is_own_call(s, info) : is_last_of_diverted(s, info);
}

/* The program is at the entry stop of that call, which it is not to make yet, or never. */
static int leave_last_call(struct startup *s)
{
	int r = startup_step_back(s);

	return r < 0 ? r : startup_undivert(s);
}

/* To the end of the start-up, by the system calls.  *RET is STOP_ENTRY or STOP_EXEC. */
static int follow_calls(struct startup *s, enum startup_stop *ret)
{
	struct __ptrace_syscall_info info;
	bool is_mprotect = false;
	int r;

	for (;;) {
		r = startup_run(s, PTRACE_SYSCALL, ret);
		if (r < 0 || *ret != STOP_SYSCALL)
			return r;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, s->tracee.pid, sizeof(info), &info) < 0)
			return -errno;
		*ret = STOP_ENTRY;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
			is_mprotect = (long)info.entry.nr == s->calls->mprotect;
			r = is_last_call(s, &info);
			if (r != 0)
				return r < 0 ? r : leave_last_call(s);
		} else if (is_mprotect && !s->loader_start) {
			r = relro_is_done(s);
			s->before_main = r > 0;
			if (r != 0)
				return r < 0 ? r : 0;
		}
	}
}

/*
 * Run with the debug register set.  If that fails, the program may be let go unsealed: on
 * x86-64 the kernel clears the register then, on aarch64 it would end the program.
 */
static int run_trapped(struct startup *s, int request, enum startup_stop *ret)
{
	int r = startup_run(s, request, ret);

	if (r < 0)
		entry_trap_clear(s->tracee.pid);
	return r;
}

/*
 * Does a debug register stop the program before its next instruction, its first?  If not, it
 * stops at its first system call, and steps back from that.
 */
static int try_trap(struct startup *s)
{
	enum startup_stop stop;
	remote_regs regs;
	int r = remote_regs_get(s->tracee.pid, &regs);

	if (r < 0)
		return r;
	s->trap_use = TRAP_USELESS;
	s->trap = remote_regs_pc(&regs);
	if (s->tracer->holds_sigtrap || entry_trap_set(s->tracee.pid, s->trap) < 0)
		return 0;
	r = run_trapped(s, PTRACE_SYSCALL, &stop);
	if (r < 0)
		return r;
	if (stop != STOP_ENTRY)
		return startup_step_back(s);
	s->trap_use = TRAP_WORKS;
	/* not every processor passes it by when it goes on */
	return entry_trap_clear(s->tracee.pid);
}

/* To ADDRESS, by a debug register. */
static int run_to(struct startup *s, uint64_t address, enum startup_stop *ret)
{
	int r = entry_trap_set(s->tracee.pid, address);

	if (r < 0)
		return r;
	s->trap = address;
	r = run_trapped(s, PTRACE_CONT, ret);
	/* an exec clears it by itself */
	if (r == 0 && *ret == STOP_ENTRY)
		r = entry_trap_clear(s->tracee.pid);
	return r;
}

int startup_reach_entry(struct startup *s, enum startup_stop *ret)
{
	int r = s->trap_use == TRAP_UNTRIED ? try_trap(s) : 0;

	if (r < 0)
		return r;
	s->before_main = s->base && s->trap_use == TRAP_WORKS;
	if (s->before_main)
		return run_to(s, s->entry, ret);
	if (s->base && s->divert == DIVERT_NONE)
		r = startup_divert(s);
	if (r == 0 && s->tracer->shim && s->divert == DIVERT_NONE)
		r = startup_fail(s, -EPERM, SHIM_UNSEEN);
	return r < 0 ? r : follow_calls(s, ret);
}

/*
 * COMMAND is sealed: on to main(), for its own constructors could execute it again.  If the
 * place of main() is not known, or threads are stopped that these may wait for, not at all.
 */
static int reach_main(struct startup *s, enum startup_stop *ret)
{
	struct memory m = remote_memory(s->tracee.pid);
	uint64_t address;

	if (s->execs_left > 1 || !s->before_main || s->has_company ||
	    s->trap_use != TRAP_WORKS)
		return 0;
	address = startup_main(&m, s->entry);
	return address ? run_to(s, address, ret) : 0;
}

/* From the event of an exec to the exit stop of the execve, and what can be known there. */
static int look_around(struct startup *s)
{
	struct __ptrace_syscall_info info;
	remote_regs regs;
	struct auxv auxv;
	enum startup_stop stop;
	int r = startup_run(s, PTRACE_SYSCALL, &stop);

	if (r < 0)
		return r;
	s->has_company = false;
	s->borrows_memory = false;
	s->divert = DIVERT_NONE;
	r = remote_regs_get(s->tracee.pid, &regs);
	if (r < 0)
		return r;
	s->calls = startup_calls_of(&regs);
	if (!s->calls)
		return startup_fail(s, -EPERM, "it runs code that could not make the call");
	/* asked here, where the program can still be ended by a call of its own */
	if (ptrace(PTRACE_GET_SYSCALL_INFO, s->tracee.pid, sizeof(info), &info) < 0)
		return errno != EIO ? -errno :
		       startup_fail(s, -EIO, "this kernel has no PTRACE_GET_SYSCALL_INFO");
	r = auxv_read(s->tracee.pid, &auxv);
	if (r < 0)
		return r;
	s->entry = auxv.entry;
	s->base = auxv.base;
	s->secure = auxv.secure;
	if (!s->secure || privileges_have(CAP_SYS_PTRACE))
		return 0;
	/* COMMAND asks for them more than for --best-effort */
	s->best_effort = false;
	return startup_fail(s, -EPERM, "it gains privileges, which tracing takes from it");
}

/*
 * From one exec to the program's own code, which is sealed then; or to the next exec, by
 * a constructor: *RET tells.
 */
static int lead_program(struct startup *s, enum startup_stop *ret)
{
	int r = look_around(s);

	if (r == 0)
		r = startup_begin_program(s);
	if (r < 0)
		return r == -ENOEXEC ?
		       startup_fail(s, r, "its ELF headers are not understood") : r;
	s->has_run = true;
	r = startup_reach_entry(s, ret);
	if (r == 0 && *ret == STOP_ENTRY)
		r = startup_seal_at_entry(s);
	if (r == 0 && *ret == STOP_ENTRY)
		r = reach_main(s, ret);
	return r;
}

/* Through all execs up to COMMAND's own.  Returns 0 if it may run, or -errno. */
static int lead(struct startup *s)
{
	/* its leader runs until the first exec; if that fails, msealctl reports it */
	for (s->execs_left = s->tracer->execs_ahead + 1; s->execs_left > 0; s->execs_left--) {
		enum startup_stop stop;
		int r = startup_run(s, PTRACE_CONT, &stop);

		while (r == 0 && stop == STOP_EXEC)
			r = lead_program(s, &stop);
		if (r == 0)
			continue;
		if (startup_has_died(s, r == -ESRCH ? STARTUP_DEATH_MS : 0))
			return 0;
		startup_fail(s, r, r == -ESRCH ? "it was killed" : strerror(-r));
		/* it could not get to its entry point */
		if (s->best_effort && startup_undivert(s) < 0)
			s->best_effort = false;
		startup_log_failure(s);
		if (!s->best_effort)
			return r;
	}
	return 0;
}

int startup_begin(struct startup *ret, const struct tracer_process *tracer, pid_t pid)
{
	struct process own;
	int r = process_read_thread(getpid(), getpid(), &own);

	*ret = (struct startup){
		.tracer = tracer, .running = true, .best_effort = tracer->best_effort,
		.own_filters = own.seccomp_filters,
	};
	return r < 0 ? r : tracee_adopt(&ret->tracee, pid, STARTUP_TRACE_OPTIONS);
}

void startup_lead(struct startup *s)
{
	if (lead(s) < 0)
		startup_refuse(s);
	else
		tracee_release(&s->tracee);
}
