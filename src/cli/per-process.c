/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "per-process.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "job-survey.h"
#include "log.h"
#include "privileges.h"
#include "processor.h"
#include "selection-messages.h"
#include "signals.h"
#include "worker.h"

/* After this long, people want to see how far it is. */
#define PROGRESS_TIME NS_PER_S

/* How often attach and check look for processes that have started meanwhile. */
#define ROUNDS_MAX 32

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

/* Do the arguments, the filter and COMMAND go together? */
static int check_processes(const struct options *o, const struct command *command)
{
	bool finds = process_filter_finds(&o->filter);

	if (o->argument_count > 0 && finds)
		log_error("%s: PIDs go with --children and --except only", command->name);
	else if (o->argument_count == 0 && !finds && o->filter.children)
		log_error("%s: --children needs a PID, or a selector such as --name", command->name);
	else if (o->argument_count == 0 && !finds && !command->finds_all)
		log_error("%s: no PID given, and no selector such as --name", command->name);
	else
		return 0;
	return -EINVAL;
}

/* The arguments as PIDs, each once.  Returns 0, or -errno after a message. */
static int parse_pids(const struct options *o, const struct command *command, struct pids *ret)
{
	int r = check_processes(o, command);

	*ret = (struct pids){ 0 };
	for (size_t i = 0; r == 0 && i < o->argument_count; i++) {
		const char *argument = o->arguments[i];
		pid_t pid;

		r = options_parse_pid(argument, &pid);
		if (r < 0) {
			log_error("%s: not a PID", argument);
			if (!isdigit((unsigned char)argument[0]))
				log_hint("to find processes by name, use --name=%s", argument);
			break;
		}
		r = pids_have(ret, pid) ? 0 : pids_append(ret, pid);
		if (r < 0)
			log_error("%s", strerror(-r));
	}
	if (r < 0)
		pids_free(ret);
	return r;
}

int job_begin(struct job *ret, const struct command *command, const struct options *options)
{
	const char *seal = options->seal ? options->seal : command->seal;
	int r;

	*ret = (struct job){ .options = options, .command = command };
	r = parse_pids(options, command, &ret->pids);
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
	const struct sigaction note = {
		.sa_handler = note_signal, .sa_flags = SA_RESETHAND | SA_RESTART,
	};
	const struct sigaction end = { .sa_handler = end_by_signal };
	struct sigaction now;

	sigaction(SIGALRM, &end, NULL);
	for (size_t i = 0; i < ENDING_SIGNALS; i++)
		/* nohup(1) has SIGHUP ignored */
		if (sigaction(ending_signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(ending_signals[i], &note, NULL);
}

bool job_is_ending(void)
{
	return ending_signal != 0;
}

bool job_has_lost(struct job *job)
{
	job->lost = job->lost || (job->target->found && target_has_ended(job->target));
	return job->lost;
}

/*
 * What could not be seen is an error for those commands that have to be sure.  A process whose
 * command name is another than that of --name, and whose executable is not ours to read, is
 * most likely another: an error for each of them would be one for every user.
 */
static enum exit_status report_unseen(const struct job *job, const struct unjudged *unjudged)
{
	bool hidden = process_proc_hides();
	bool strict = job->command->strict && (hidden || unjudged->count > unjudged->by_name);
	void (*log)(const char *format, ...) __attribute__((format(printf, 1, 2))) =
		strict ? log_error : log_warning;

	if (hidden)
		log("/proc is mounted with hidepid: processes of other users are not listed");
	if (unjudged->count > 0) {
		log("%zu process%s could not be judged, such as %d: %s cannot be read: %s",
		    unjudged->count, unjudged->count > 1 ? "es" : "", unjudged->pid,
		    unjudged->what, unjudged->error == -ESTALE ?
		    "its threads come and go too fast" : strerror(-unjudged->error));
		if (!strict && job->options->quiet)
			return STATUS_OK;
		if (privileges_have(CAP_SYS_PTRACE))
			log_hint("leave it out by --except=%d", unjudged->pid);
		else
			log_hint("run msealctl as root, or with CAP_SYS_PTRACE, or leave out other "
				 "users' processes by --user=NAME");
	}
	return strict ? STATUS_ERROR : STATUS_OK;
}

/* What a search was like after the first one.  Returns R, which it has returned. */
static int report_search(struct job *job, int r, const struct unjudged *unjudged)
{
	if (r < 0) {
		log_error("/proc: cannot list processes: %s", strerror(-r));
		job->unseen = STATUS_ERROR;
	} else if (job->unseen == STATUS_OK && unjudged->count > unjudged->by_name) {
		job->unseen = report_unseen(job, unjudged);
	}
	return r;
}

/*
 * Where all must be reached: find those that have started meanwhile.  What a process forks once
 * it is sealed is sealed as well, so this ends soon for one that only forks.
 */
static bool find_more(struct job *job)
{
	const struct process_filter *filter = &job->options->filter;
	struct targets *targets = &job->targets;

	if (!job->command->strict || !(filter->children || process_filter_finds(filter)))
		return false;
	while (!job_is_ending()) {
		bool lost = job->lost_any;
		struct unjudged unjudged;
		int r;

		if (++job->rounds > ROUNDS_MAX) {
			/* others end all the time on a busy machine */
			if (!job->lost_matching)
				return false;
			log_error("processes that match come and go too fast: some may not have "
				  "been seen");
			job->unseen = STATUS_ERROR;
			return false;
		}
		job->lost_any = false;
		r = targets_find_more(targets, &job->pids, filter, &unjudged);
		if (report_search(job, r, &unjudged) != 0)
			return r > 0;
		job->lost_matching = job->lost_matching || lost || targets->matching_lost > 0;
		if (!lost && targets->lost == 0)
			return false;
	}
	return false;
}

static enum exit_status find_targets(struct job *job)
{
	const struct process_filter *filter = &job->options->filter;
	struct unjudged unjudged;
	char description[512];
	int r = targets_find(&job->targets, &job->pids, filter, &unjudged);

	if (r < 0) {
		log_error("/proc: cannot list processes: %s", strerror(-r));
		return STATUS_ERROR;
	}
	if (job->pids.count == 0 || filter->children)
		job->unseen = report_unseen(job, &unjudged);
	if (job->targets.count > 0 || (job->pids.count == 0 && !process_filter_finds(filter)) ||
	    find_more(job) || (job->lost_matching && job->rounds > ROUNDS_MAX))
		return STATUS_OK;
	if (job->pids.count > 0) {
		log_error("no process is left: all that were given are in --except");
		return STATUS_UNSEALED;
	}
	options_describe_filter(job->options, description, sizeof(description));
	log_error("no process matches%s%s", description[0] ? " " : "", description);
	return STATUS_UNSEALED;
}

/*
 * The worker and this process run in turn.  To wake one on another processor that is idle
 * takes five times as long as a call of the worker.
 */
static enum exit_status call_pinned(struct job *job, job_fn *fn)
{
	struct processors own, workers;
	enum exit_status status;
	int processor = sched_getcpu();

	processor_follow(&own, 0, processor);
	processor_follow_worker(&workers, processor);
	status = fn(job, job->target->pid);
	processor_return(&workers);
	processor_return(&own);
	return status;
}

/* FN for TARGET, unless that has ended; STATUS_OK if it has, before or meanwhile. */
static enum exit_status call_for(struct job *job, const struct target *target, job_fn *fn)
{
	enum exit_status status = STATUS_OK;

	job->target = target;
	job->lost = false;
	if (!job_has_lost(job))
		status = call_pinned(job, fn);
	return job->lost ? STATUS_OK : status;
}

/* Plan for PID, only to see which terms match; attach reports what keeps it from that. */
static enum exit_status plan_quietly(struct job *job, pid_t pid)
{
	unsigned parts = job_survey_parts(job) & ~(unsigned)SURVEY_SMAPS;
	struct survey survey;
	struct plan plan;
	int r;

	if (pid == getpid() || survey_process(&survey, pid, parts, &job->process) < 0)
		return STATUS_ERROR;
	/* it may be another's by now that was read */
	r = job_has_lost(job) ? -ESRCH : choice_plan(&job->choice, &plan, &survey.arena,
						     &survey.regions, job->options->types);
	job->plans += r == 0;
	survey_free(&survey);
	return r == 0 ? STATUS_OK : STATUS_ERROR;
}

/* The same, and say what keeps it from that. */
static enum exit_status plan_aloud(struct job *job, pid_t pid)
{
	struct survey survey;
	struct plan plan;

	if (job_plan(job, pid, job->options->types, &survey, &plan) < 0)
		return STATUS_ERROR;
	survey_free(&survey);
	return STATUS_OK;
}

/* Plan by FN until all of --exclude has matched something.  Returns the worst status. */
static enum exit_status plan_excluded(struct job *job, job_fn *fn)
{
	const struct targets *targets = &job->targets;
	enum exit_status status = STATUS_OK;

	for (size_t i = 0; i < targets->count && choice_lacks_excluded(&job->choice) &&
			   !job_is_ending(); i++)
		status = worse_status(status, call_for(job, &targets->items[i], fn));
	return status;
}

/*
 * Seals stay, so a term of --exclude that is a mistake has to be noticed before the first one.
 * Returns STATUS_OK if there is none, or if that cannot be seen of any process.
 */
static enum exit_status check_excluded(struct job *job)
{
	enum exit_status status = plan_excluded(job, plan_quietly);
	size_t plans = job->plans;

	job->plans = 0;
	if (plans == 0 || job_is_ending() || !choice_lacks_excluded(&job->choice))
		return STATUS_OK;
	/* it may match in those that could not be read */
	if (status != STATUS_OK)
		status = plan_excluded(job, plan_aloud);
	choice_report_mistakes(&job->choice, plans, true);
	return worse_status(status, STATUS_UNSEALED);
}

enum exit_status job_each(struct job *job, job_fn *fn)
{
	enum exit_status status = find_targets(job);
	bool seals = job->command->seals && !job->options->dry_run;
	const struct targets *targets = &job->targets;
	bool strict = job->command->strict;
	uint64_t start = clock_now();
	enum exit_status excluded;
	size_t i;

	note_signals();
	if (seals && (excluded = check_excluded(job)) != STATUS_OK)
		return worse_status(worse_status(status, excluded), job->unseen);
	/* what cannot be put on record is not done either */
	for (i = 0; (i < targets->count || (i > 0 && find_more(job))) && !job_is_ending() &&
		    !ferror(stdout); i++) {
		if (clock_now() - start > PROGRESS_TIME)
			log_progress("%zu of %zu processes", i, targets->count);
		status = worse_status(status, call_for(job, &targets->items[i], fn));
		job->lost_any = job->lost_any || job->lost;
	}
	status = worse_status(status, job->unseen);
	log_progress_clear();
	if (i < targets->count)
		log_error("%s: %zu of %zu processes were not reached",
			  job_is_ending() ? strsignal(ending_signal) : "standard output failed",
			  targets->count - i, targets->count);
	else if (!job_is_ending() && job->plans > 0 &&
		 choice_report_mistakes(&job->choice, job->plans, strict) > 0 && strict)
		status = worse_status(status, STATUS_UNSEALED);
	return status;
}

enum exit_status job_end(struct job *job, enum exit_status status)
{
	worker_end();
	status = worse_status(status, report_finish(&job->report));
	choice_free(&job->choice);
	pids_free(&job->pids);
	targets_free(&job->targets);
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
