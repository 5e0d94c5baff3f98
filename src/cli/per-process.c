/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "per-process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "diagnose.h"
#include "log.h"
#include "privileges.h"
#include "selection-messages.h"
#include "worker.h"

/* After this long, people want to see how far it is. */
#define PROGRESS_TIME NS_PER_S

/* What job_begin() does once there is a choice to free. */
static int prepare(struct job *job, const struct command *command)
{
	const struct options *options = job->options;
	bool plain = report_is_plain(&options->report) && command->plain_columns;
	/* CAP_SYS_ADMIN only where a seccomp filter may have to be suspended */
	int r = privileges_reduce(command->options & OPTIONS_ATTACH);
	const char *problem;

	if (r < 0) {
		log_error("cannot drop capabilities: %s", strerror(-r));
		return r;
	}
	problem = process_proc_problem();
	if (problem) {
		log_error("%s", problem);
		log_hint("processes are found by their numbers there: mount a /proc of this namespace");
		return -ESRCH;
	}
	worker_enable();
	job->all_rows = !plain || options->verbose;
	return report_init(&job->report, command->report,
			   plain ? command->plain_columns : command->columns, &options->report,
			   options->quiet);
}

int job_begin(struct job *ret, const struct command *command, const struct options *options)
{
	const char *seal = options->seal ? options->seal : command->seal;
	int r;

	*ret = (struct job){ .options = options, .command = command };
	if (command->arguments[0])
		r = options_pids(options, command, &ret->pids);
	else
		r = options_no_arguments(options, command);
	if (r < 0)
		return r;
	r = choice_from_lists(&ret->choice, seal, options->exclude);
	if (r == 0 && (r = prepare(ret, command)) < 0)
		choice_free(&ret->choice);
	if (r < 0)
		pids_free(&ret->pids);
	return r;
}

static volatile sig_atomic_t ending_signal;

/* The rows of the process at hand have a second to leave; what reads them may have stopped. */
static void note_signal(int sig)
{
	ending_signal = sig;
	alarm(1);
}

static void end_by_signal(int sig)
{
	(void)sig;
	/* its action is the default one again */
	raise(ending_signal);
}

static void note_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	const struct sigaction note = {
		.sa_handler = note_signal, .sa_flags = SA_RESETHAND | SA_RESTART,
	};
	const struct sigaction end = { .sa_handler = end_by_signal };
	struct sigaction now;

	sigaction(SIGALRM, &end, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		/* nohup(1) has SIGHUP ignored */
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(signals[i], &note, NULL);
}

bool job_is_ending(void)
{
	return ending_signal != 0;
}

enum exit_status job_each(struct job *job, job_fn *fn)
{
	enum exit_status status = STATUS_OK;
	bool strict = job->command->strict;
	uint64_t start = clock_now();
	size_t i;

	note_signals();
	/* what cannot be put on record is not done either */
	for (i = 0; i < job->pids.count && !job_is_ending() && !ferror(stdout); i++) {
		if (clock_now() - start > PROGRESS_TIME)
			log_progress("%zu of %zu processes", i, job->pids.count);
		status = worse_status(status, fn(job, job->pids.items[i]));
	}
	log_progress_clear();
	if (job_is_ending() || i < job->pids.count)
		log_error("%s: %zu of %zu processes were not reached",
			  job_is_ending() ? strsignal(ending_signal) : "standard output failed",
			  job->pids.count - i, job->pids.count);
	else if (job->plans > 0 &&
		 choice_report_mistakes(&job->choice, job->plans, strict) > 0 && strict)
		status = worse_status(status, STATUS_UNSEALED);
	return status;
}

enum exit_status job_end(struct job *job, enum exit_status status)
{
	status = worse_status(status, report_finish(&job->report));
	choice_free(&job->choice);
	pids_free(&job->pids);
	if (job_is_ending()) {
		fflush(stdout);
		end_by_signal(SIGALRM);
	}
	return status;
}

enum exit_status job_run(const struct command *command, const struct options *options,
			 job_fn *fn)
{
	struct job job;

	if (job_begin(&job, command, options) < 0)
		return STATUS_ERROR;
	return job_end(&job, job_each(&job, fn));
}

int job_survey(struct job *job, struct survey *ret, pid_t pid)
{
	int r = survey_process(ret, pid, SURVEY_SMAPS | SURVEY_DLOPENED, &job->process);

	if (r < 0)
		log_survey_error(pid, ret, r);
	return r;
}

int job_plan(struct job *job, pid_t pid, unsigned types, struct survey *ret_survey,
	     struct plan *ret_plan)
{
	int r = job_survey(job, ret_survey, pid);

	if (r < 0)
		return r;
	r = choice_plan(&job->choice, ret_plan, &ret_survey->arena, &ret_survey->regions,
			types);
	if (r == CHOICE_UNKNOWN)
		job_check_known(job, pid, &ret_survey->regions);
	else if (r < 0)
		log_error("%d: cannot plan: %s", pid, strerror(-r));
	if (r < 0)
		survey_free(ret_survey);
	else
		job->plans++;
	return r;
}

int job_check_known(const struct job *job, pid_t pid, const struct regions *regions)
{
	const struct gap *gap = choice_gap(&job->choice, regions);
	const char *what = gap == &regions->exe_gap ? "which object is the main program" :
						      "which objects were loaded after the start";

	if (!gap)
		return 0;
	if (gap->error)
		log_error("%d: cannot select: it is not known %s: %s: %s", pid, what, gap->source,
			  strerror(-gap->error));
	else
		log_error("%d: cannot select: it is not known %s: %s", pid, what, gap->source);
	if (gap->error == -EACCES)
		log_hint("run msealctl as root, or as the user of the process");
	return CHOICE_UNKNOWN;
}

void log_survey_error(pid_t pid, const struct survey *survey, int error)
{
	char what[64];

	snprintf(what, sizeof(what), "cannot read %s", survey->failed ? survey->failed : "it");
	log_refusal(pid, what, error, false);
}

void log_refusal(pid_t pid, const char *what, int error, bool tracing)
{
	struct diagnosis d;

	diagnose_access(&d, pid, error, tracing);
	log_error("%d: %s: %s", pid, what, d.reason);
	if (d.hint[0])
		log_hint("%s", d.hint);
}
