/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_STARTUP_SEAL_H
#define MSEALCTL_STARTUP_SEAL_H

#include "region.h"
#include "startup.h"

/* What the files of a traced start share; the program is stopped.  0 or -errno. */

/* Why it has stopped. */
enum startup_stop {
	STOP_EXEC,
	STOP_SYSCALL,
	STOP_ENTRY,		/* a debug register's, or another at the end of the start-up */
};

/*
 * Let the program run on with REQUEST to its next stop in *RET.  Signals are delivered to
 * it, and it stays stopped while it is (job control).  -ESRCH if it has exited.
 */
int startup_run(struct startup *startup, int request, enum startup_stop *ret);

/* From the loader's first instruction to the program's.  *RET is STOP_ENTRY or STOP_EXEC. */
int startup_reach_entry(struct startup *startup, enum startup_stop *ret);

/*
 * From the entry stop of a call to a stop outside of any: an mseal(2) of nothing takes its
 * place, and then it is made again.  A filter that the program itself has installed is
 * suspended for that; if this is not allowed, and it does not allow mseal(2), it decides.
 */
int startup_step_back(struct startup *startup);

/* A system call instruction in the vdso of PID; 0 if there is none, or it is a 32-bit program. */
uint64_t startup_find_vdso_call(pid_t pid, const struct regions *regions);

/* Before the first instruction: divert the loader's jump, if that can be done. */
int startup_divert(struct startup *startup);

/* The loader has copied the vector: repair it.  Without a copy to jump to, DIVERT_LOST. */
int startup_restore_vector(struct startup *startup);

/* Is ENTRY, a syscall-entry stop, that of the diverted jump? */
bool startup_has_jumped(const struct startup *startup,
			const struct __ptrace_syscall_info *entry);

/*
 * The start-up is over, and the program has stepped back from the call, or it is let go: it
 * finds its entry point by itself.  With DIVERT_TAKEN it is there next.
 */
int startup_undivert(struct startup *startup);

/* It is there: stop its threads, and seal it or check that the shim has. */
int startup_seal_at_entry(struct startup *startup);

/* Before any call is made: has the program no seccomp filters but those of msealctl? */
void startup_compare_filters(struct startup *startup);

/*
 * Before the first instruction: find out where the loader is, and unless the shim seals,
 * seal the selected code and constants of the program and its loader, except objects with
 * text relocations.  -ENOEXEC if the program is not recognised: it would be left out.
 */
int startup_begin_program(struct startup *startup);

/*
 * The start-up is over: seal what was selected, read it back, and report what could not
 * be sealed, with -EPERM.
 */
int startup_seal(struct startup *startup);

/* The same where the shim had to seal: check that it has, or return -EPERM. */
int startup_check_shim(struct startup *startup);

/* Record WHY the program cannot be sealed, unless that is known already.  Returns ERROR. */
static inline int startup_fail(struct startup *startup, int error, const char *why)
{
	if (!startup->why)
		startup->why = why;
	return error;
}

/* How long threads may take to stop, and a program to make another call. */
#define STARTUP_TIMEOUT_NS (5 * NS_PER_S)

/* How long a process that ptrace(2) does not find any more may take to die. */
#define STARTUP_DEATH_MS 20

/* Has the program died, or does it within TIMEOUT_MS? */
bool startup_has_died(const struct startup *startup, int timeout_ms);

/* Report once that the program is not sealed: it cannot run, or with --best-effort it does. */
void startup_log_failure(struct startup *startup);

/*
 * End the program with status 125: by an exit_group(2) that it calls at once or, if it
 * cannot, in place of its next call; or else by SIGKILL.
 */
void startup_refuse(struct startup *startup);

#endif
