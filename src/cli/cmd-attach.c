/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * msealctl attach: maps and ELF images, selection, plan, backend, read back, report.  The
 * backend stops the process and does all but the report: seal-running.h.
 */
#include <errno.h>
#include <unistd.h>

#include "command.h"
#include "hazards.h"
#include "inject.h"
#include "job-survey.h"
#include "log.h"
#include "no-tracer.h"
#include "per-process.h"
#include "privileges.h"
#include "region-report.h"
#include "require-mseal.h"
#include "seal-running.h"
#include "selection-messages.h"
#include "sharers.h"
#include "signals.h"

static void log_call_error(int pid, int error)
{
	log_error("%d: cannot seal: %s", pid, inject_reason(error));
	if (error == -EACCES && privileges_have(CAP_SYS_ADMIN))
		log_hint("'msealctl probe' shows why the filter cannot be suspended here");
	else if (error == -EACCES)
		log_hint("with CAP_SYS_ADMIN, msealctl suspends the filter for the call");
}

static void log_seal_error(int pid, int error, const struct running_outcome *outcome,
			   uint64_t timeout_ms)
{
	if (outcome->failed == STEP_CALL) {
		log_call_error(pid, error);
	} else if (outcome->failed == STEP_READ_BACK) {
		log_refusal(pid, "cannot read back what is sealed", error, false);
	} else if (error == -EINTR) {
		log_error("%d: %s: interrupted by a signal", pid,
			  outcome->partial || outcome->unread ? "not sealed whole" :
								"not attached");
	} else if (outcome->failed == STEP_STOP && error == -EINPROGRESS) {
		log_error("%d: cannot attach: thread %d is in a %s(2) that a stop would cut short",
			  pid, outcome->transferring.tid, outcome->transferring.name);
		log_hint("try again once it is done, or give it more time with --timeout");
	} else if (outcome->failed == STEP_STOP && error == -ETIMEDOUT) {
		log_error("%d: cannot attach: it did not stop within %g s", pid,
			  (double)timeout_ms / 1000);
		log_hint("a thread of it waits in the kernel where it cannot be stopped, such as "
			 "the parent of a vfork, or does not get to run");
	} else {
		log_refusal(pid, "cannot attach", error, true);
	}
}

static enum exit_status report_plan(struct job *job, pid_t pid, const struct plan *plan)
{
	size_t skipped = plan_count(plan, PLAN_SKIPPED), failed = plan_count(plan, PLAN_FAILED);

	region_report_add(&job->report, &job->process, NULL, plan,
			  &(struct region_view){ .outcome = true, .all = job->all_rows });
	choice_report_misses(&job->choice, pid, false);
	if (plan->count == 0)
		log_error("%d: nothing is selected", pid);
	return skipped + failed > 0 || plan->count == 0 ? STATUS_UNSEALED : STATUS_OK;
}

/* What sealing would mean for the process, in a table for people. */
static void report_hazards(struct job *job, pid_t pid, const struct survey *survey,
			   const struct plan *plan)
{
	const struct report_options *options = &job->options->report;
	cleanup_sharers struct sharers sharers = { 0 };
	unsigned of_process = 0;

	if (!report_is_plain(options) || options->summary || plan->count == 0)
		return;
	if (sharers_find(&sharers, pid, pid) > 0)
		of_process |= 1u << HAZARD_SHARED;
	if (hazard_map_count(plan, survey->maps.count))
		of_process |= 1u << HAZARD_MAP_COUNT;
	hazards_print(&job->report, pid, plan, of_process);
}

/* What /proc says of the threads of a process that may be in the way of sealing it. */
struct threads_look {
	pid_t pid;
	bool traced;
	bool filtered, unfiltered;	/* by seccomp(2): some of them */
};

static int look_at_thread(void *context, pid_t tid)
{
	struct threads_look *look = context;
	struct process p;

	if (process_read_thread(look->pid, tid, &p) < 0 || process_is_dead(&p))
		return 0;
	look->traced = look->traced || p.tracer > 0;
	look->filtered = look->filtered || p.seccomp != SECCOMP_OFF;
	look->unfiltered = look->unfiltered || (p.seccomp == SECCOMP_OFF && !p.io_worker);
	return 0;
}

/* Filters are only suspended by who has none, see PTRACE_O_SUSPEND_SECCOMP in ptrace(2). */
static bool may_suspend_filters(void)
{
	struct process own;

	return privileges_have(CAP_SYS_ADMIN) &&
	       (process_read(getpid(), &own) < 0 || own.seccomp == SECCOMP_OFF);
}

/* Would attach refuse PID, as far as that is seen without stopping it?  Logs why. */
static bool would_refuse(pid_t pid, const struct plan *plan)
{
	struct threads_look look = { .pid = pid };
	cleanup_sharers struct sharers sharers = { 0 };

	process_each_thread(pid, look_at_thread, &look);
	if (look.traced) {
		log_refusal(pid, "cannot attach", -EPERM, true);
		return true;
	}
	/* what shares its memory could make the calls as well */
	if (plan_count(plan, PLAN_WOULD_SEAL) == 0 || !look.filtered || look.unfiltered ||
	    may_suspend_filters() || sharers_find(&sharers, pid, pid) > 0)
		return false;
	log_call_error(pid, -EACCES);
	return true;
}

static enum exit_status plan_only(struct job *job, pid_t pid)
{
	enum exit_status status;
	struct survey survey;
	struct plan plan;

	if (job_plan(job, pid, job->options->types, &survey, &plan) < 0)
		return STATUS_ERROR;
	if (would_refuse(pid, &plan)) {
		status = STATUS_ERROR;
	} else {
		status = report_plan(job, pid, &plan);
		report_hazards(job, pid, &survey, &plan);
	}
	survey_free(&survey);
	return status;
}

static void log_sharers(int pid, const struct running_outcome *outcome)
{
	if (outcome->loose)
		log_warning("%d: process %d shares its memory, and ran on meanwhile: it could not "
			    "be stopped", pid, outcome->loose);
	else if (outcome->sharers > 1)
		log_warning("%d: %zu processes share its memory, such as %d, and have the same "
			    "seals", pid, outcome->sharers, outcome->sharer);
	else if (outcome->sharers == 1)
		log_warning("%d: process %d shares its memory, and has the same seals", pid,
			    outcome->sharer);
	if (outcome->uncompared)
		log_warning("%d: process %d may share its memory, and was not stopped: it is "
			    "executing a program, which takes long", pid, outcome->uncompared);
	if (outcome->ran.tid)
		log_warning("%d: thread %d was left in a %s(2), and ran on while the process was "
			    "sealed", pid, outcome->ran.tid, outcome->ran.name);
}

/* Log what is unusual about a process that was sealed. */
static void log_outcome(int pid, const struct running_outcome *outcome)
{
	log_sharers(pid, outcome);
	log_verbose("%d: was stopped for %.3f ms", pid, (double)outcome->stopped_ns / 1e6);
	if (outcome->calls.chained > 0)
		log_verbose("%d: made %zu calls with %zu stop%s", pid,
			    outcome->calls.chained, outcome->calls.chains,
			    outcome->calls.chains == 1 ? "" : "s");
	else if (outcome->calls.singles > 0)
		log_verbose("%d: made %zu call%s one by one%s%s", pid, outcome->calls.singles,
			    outcome->calls.singles == 1 ? "" : "s",
			    outcome->calls.why_single ? ": " : "",
			    outcome->calls.why_single ? outcome->calls.why_single : "");
	if (!outcome->has_frame)
		log_verbose("%d: was sealed without a rescue frame, for which there was no place",
			    pid);
}

/* Seals stay: report those that were made before an error. */
static void report_partial(struct job *job, pid_t pid, const struct running_outcome *outcome,
			   const struct plan *plan)
{
	if (outcome->unread)
		log_error("%d: some of it may have been sealed", pid);
	if (!outcome->partial)
		return;
	log_sharers(pid, outcome);
	job->plans++;
	report_plan(job, pid, plan);
}

static void warn_of_cut(pid_t pid, const struct thread_call *cut)
{
	const char *has = cut->perhaps ? "may have" : "has";

	if (cut->name)
		log_warning("%d: the stop %s ended %s %s(2) of thread %d early", pid, has,
			    cut->name[0] == 'i' ? "an" : "a", cut->name, cut->tid);
	else if (cut->tid)
		log_warning("%d: the stop may have ended a call of thread %d with EINTR", pid,
			    cut->tid);
}

static enum exit_status seal_process(struct job *job, const struct survey *before)
{
	const struct options *options = job->options;
	const struct running running = {
		.process = &job->process, .choice = &job->choice, .types = options->types,
		.timeout_ms = options->timeout_ms, .before = before,
	};
	struct running_outcome outcome = { .failed = STEP_STOP };
	enum exit_status status;
	struct held_signals held;
	struct survey survey;
	pid_t pid = job->process.tid;
	struct plan plan;
	int r;

	/* one that comes now is still there when the stop is waited for */
	signals_hold(&held);
	r = job_is_ending() ? -EINTR : seal_running(&running, &survey, &plan, &outcome);
	signals_release(&held);
	warn_of_cut(pid, &outcome.cut_short);
	if (r < 0 && job_has_lost(job)) {
		status = STATUS_OK;
	} else if (r < 0) {
		log_seal_error(pid, r, &outcome, options->timeout_ms);
		report_partial(job, pid, &outcome, &plan);
		status = STATUS_ERROR;
	} else {
		log_outcome(pid, &outcome);
		job->plans++;
		status = report_plan(job, pid, &plan);
	}
	if (r == 0 || outcome.partial)
		survey_free(&survey);
	return status;
}

static enum exit_status attach_process(struct job *job, pid_t pid)
{
	struct survey before = { .arena = ARENA_INIT };
	enum exit_status status;
	int r;

	if (pid == getpid()) {
		log_refusal(pid, "cannot attach", -EPERM, true);
		return STATUS_ERROR;
	}
	if (job->options->dry_run)
		return plan_only(job, pid);
	/*
	 * Seals are read before the stop, since smaps is slow to make and seals stay.  ELF
	 * headers are, since the process may have to serve their pages itself (userfaultfd(2),
	 * FUSE), which it cannot do while it is stopped.
	 */
	r = survey_process(&before, pid, job_survey_parts(job) | SURVEY_KEEP, &job->process);
	if (r < 0 && job_has_lost(job))
		return STATUS_OK;
	/* its threads do not live for long enough, unless they are stopped */
	if (r < 0 && r != -ESTALE) {
		if (r == -EPERM || r == -EACCES || r == -ESRCH || r == -ENODATA)
			log_refusal(pid, "cannot attach", r, true);
		else
			log_survey_error(pid, &before, r);
		return STATUS_ERROR;
	}
	/* it may be another's by now that was read */
	if (job_has_lost(job))
		status = STATUS_OK;
	else if (job_check_known(job, pid, &before.regions) < 0)
		status = STATUS_ERROR;
	else
		status = seal_process(job, &before);
	survey_free(&before);
	return status;
}

static enum exit_status run_attach(const struct options *options)
{
	struct mseal_support support;
	enum exit_status status;
	struct job job;

	if (no_tracer()) {
		log_error("attach: not available on %s", no_tracer());
		log_hint("'msealctl exec' seals programs there when they start");
		return STATUS_ERROR;
	}
	if (job_begin(&job, &cmd_attach, options) < 0)
		return STATUS_ERROR;
	mseal_support_detect(&support);
	status = require_mseal(&support, options->types, false);
	if (status == STATUS_OK)
		status = job_each(&job, attach_process);
	return job_end(&job, status);
}

const struct command cmd_attach = {
	.name = "attach",
	.arguments = "PID...|SELECTOR...",
	.summary = "Seal running processes",
	.options = OPTIONS_COMMON | OPTIONS_PROCESSES | OPTIONS_SELECTION | OPTIONS_TYPES |
		   OPTIONS_ATTACH | OPTIONS_REPORT | OPTIONS_TOTALS,
	.report = &region_report,
	.columns = "PID,START,END,PERM,CLASS,RESULT,REASON,NAME",
	.plain_columns = "START,SIZE,PERM,CLASS,RESULT,REASON,NAME",
	.seals = true,
	.strict = true,
	.usage_status = STATUS_ERROR,
	.run = run_attach,
};
