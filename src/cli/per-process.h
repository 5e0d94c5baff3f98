/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PER_PROCESS_H
#define MSEALCTL_PER_PROCESS_H

#include "choice.h"
#include "command.h"
#include "pids.h"
#include "process.h"
#include "report.h"
#include "targets.h"

/*
 * What the commands that look at processes (show, check, attach, list) do alike.  All of
 * it logs its own errors.
 */
struct job {
	const struct options *options;
	const struct command *command;
	struct choice choice;
	struct process process;	/* the last that was read */
	size_t plans;		/* made from the choice, one for each process */
	struct report report;
	bool all_rows;		/* not only those that matter to a person */
	struct pids pids;	/* the arguments */
	struct targets targets;	/* these, or what --name and the like have found */
	const struct target *target;	/* the one at hand */
	bool lost;		/* it has ended, which is no error: see job_has_lost() */
	bool lost_any;		/* one was lost since the last search for processes */
	bool lost_matching;	/* one that matched had ended by the time of a search */
	unsigned rounds;	/* of searches, after the first */
	enum exit_status unseen;	/* STATUS_ERROR if some processes may not have been seen */
	void *context;		/* the command's own */
};

/*
 * Check the arguments, lists and columns of the command line before any process is
 * touched, and drop the capabilities that COMMAND does not need.  Returns 0 or -errno.
 */
int job_begin(struct job *ret, const struct command *command, const struct options *options);

/* What a command does with one process. */
typedef enum exit_status job_fn(struct job *job, pid_t pid);

/*
 * Do FN for every process of the command line.  One that was found by an option, rather than
 * named by its PID, may end meanwhile: that is no error, while it is one to find nothing, or
 * to be unable to see.  Where all must be reached, it looks again until nothing new is found,
 * and nothing has ended meanwhile that may have started others.  A signal that asks msealctl to
 * end ends this after the process at hand.
 *
 * Terms that can only be a mistake, as they matched in none of the processes, are logged; if
 * the command seals and one of them is of --exclude, FN is not called at all.
 * Returns the worst status.
 */
enum exit_status job_each(struct job *job, job_fn *fn);

/* Has such a signal come? */
bool job_is_ending(void);

/*
 * Was the process at hand found by an option, and has ended since?  It is no matter then, so
 * this is asked before an error of it is printed, and never after.  job->lost has the answer.
 */
bool job_has_lost(struct job *job);

/*
 * Print what is left of the report, and free it all.  Returns STATUS or a worse one, or dies
 * of the signal that has ended job_each().
 */
enum exit_status job_end(struct job *job, enum exit_status status);

/* All of the above, for a command that has nothing to do before the first process. */
enum exit_status job_run(const struct command *command, const struct options *options,
			 job_fn *fn);

#endif
