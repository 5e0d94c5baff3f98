/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * msealctl attach: stop, maps and ELF images, selection, plan, mseal (all of that
 * in seal-running.c), then read back and report.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "inject.h"
#include "log.h"
#include "mseal-support.h"
#include "per-process.h"
#include "privileges.h"
#include "region-report.h"
#include "seal-running.h"
#include "selection-messages.h"

static void log_call_error(int pid, int error)
{
	log_error("%d: cannot seal: %s", pid, inject_reason(error));
	if (error == -EACCES && privileges_have(CAP_SYS_ADMIN))
		log_hint("'msealctl probe' tells why the filter cannot be suspended here");
	else if (error == -EACCES)
		log_hint("with CAP_SYS_ADMIN, msealctl suspends the filter for the call");
}

/* What is said where the errno alone would not help. */
static void log_seal_error(int pid, int error, const struct running_outcome *outcome,
			   uint64_t timeout_ms)
{
	if (outcome->failed == STEP_CALL) {
		log_call_error(pid, error);
	} else if (outcome->failed == STEP_READ_BACK) {
		log_refusal(pid, "cannot read back what is sealed", error, false);
	} else if (error == -EINTR) {
		log_error("%d: cannot attach: interrupted", pid);
	} else if (outcome->failed == STEP_STOP && error == -ETIMEDOUT) {
		log_error("%d: cannot attach: it did not stop within %g s", pid,
			  (double)timeout_ms / 1000);
		log_hint("a thread of it waits in the kernel where it cannot be stopped, "
			 "such as the parent of a vfork");
	} else {
		log_refusal(pid, "cannot attach", error, true);
	}
}

static enum exit_status settle(struct report *report, int pid, struct plan *plan,
			       struct choice *choice, enum exit_status status)
{
	size_t bad = plan_count(plan, PLAN_SKIPPED) + plan_count(plan, PLAN_FAILED);

	region_report_add_plan(report, pid, plan, NULL);
	choice_report_misses(choice, pid, false);
	log_verbose("%d: %zu sealed, %zu already, %zu would be sealed, %zu skipped, %zu failed",
		    pid, plan_count(plan, PLAN_SEALED), plan_count(plan, PLAN_ALREADY),
		    plan_count(plan, PLAN_WOULD_SEAL), plan_count(plan, PLAN_SKIPPED),
		    plan_count(plan, PLAN_FAILED));
	return bad > 0 ? worse_status(status, STATUS_UNSEALED) : status;
}

static enum exit_status plan_only(struct job *job, pid_t pid)
{
	enum exit_status status;
	struct survey survey;
	struct plan plan;

	if (job_plan(job, pid, job->options->types, &survey, &plan) < 0)
		return STATUS_ERROR;
	status = settle(&job->report, pid, &plan, &job->choice, STATUS_OK);
	survey_free(&survey);
	return status;
}

/* What is not as with any other process. */
static void log_outcome(int pid, const struct running_outcome *outcome)
{
	if (outcome->loose)
		log_warning("%d: process %d shares its memory, and ran on meanwhile: it could not "
			    "be stopped", pid, outcome->loose);
	else if (outcome->sharers > 1)
		log_warning("%d: %zu processes share its memory, such as %d: it is sealed for them, "
			    "too", pid, outcome->sharers, outcome->sharer);
	else if (outcome->sharers == 1)
		log_warning("%d: process %d shares its memory: it is sealed for that one, too", pid,
			    outcome->sharer);
	log_verbose("%d: was stopped for %.3f ms", pid, (double)outcome->stopped_ns / 1e6);
	if (!outcome->has_frame)
		log_verbose("%d: only registers were used: there was no place for a signal frame, "
			    "which saves it if msealctl is killed", pid);
}

static enum exit_status seal_and_read_back(struct report *report, const struct process *process,
					   const struct options *options,
					   struct choice *choice, const struct maps *before)
{
	const struct running running = {
		.process = process, .choice = choice, .types = options->types,
		.timeout_ms = options->timeout_ms, .before = before,
	};
	struct running_outcome outcome;
	enum exit_status status;
	int pid = process->tid, r;
	struct survey survey;
	struct plan plan;

	r = seal_running(&running, &survey, &plan, &outcome);
	if (r < 0) {
		log_seal_error(pid, r, &outcome, options->timeout_ms);
		return STATUS_ERROR;
	}
	log_outcome(pid, &outcome);
	status = settle(report, pid, &plan, choice, STATUS_OK);
	survey_free(&survey);
	return status;
}

static enum exit_status attach_process(struct job *job, pid_t pid)
{
	enum exit_status status;
	struct process process;
	struct survey before;
	int r;

	if (pid == getpid()) {
		log_refusal(pid, "cannot attach", -EPERM, true);
		return STATUS_ERROR;
	}
	if (job->options->dry_run)
		return plan_only(job, pid);
	if (!process_proc_is_ours()) {
		log_error("%d: cannot attach: /proc is that of another PID namespace", pid);
		log_hint("its numbers name other processes here: mount a /proc of this one");
		return STATUS_ERROR;
	}
	/*
	 * Before the stop: smaps is slow to make, and a seal seen now is there to stay.  The
	 * headers of its objects, too: if it serves a page of one itself (userfaultfd(2), FUSE),
	 * it must not be waited for while it is stopped.
	 */
	r = survey_process(&before, pid, SURVEY_SMAPS, &process);
	if (r < 0) {
		log_refusal(pid, "cannot attach", r, true);
		return STATUS_ERROR;
	}
	status = seal_and_read_back(&job->report, &process, job->options, &job->choice,
				    &before.maps);
	survey_free(&before);
	return status;
}

static enum exit_status run_attach(const struct options *options)
{
	enum exit_status status;
	struct job job;

	if (job_begin(&job, &cmd_attach, options) < 0)
		return STATUS_ERROR;
	status = mseal_support_require(options->types);
	if (status == STATUS_OK)
		status = job_each(&job, attach_process);
	return job_end(&job, status);
}

const struct command cmd_attach = {
	.name = "attach",
	.arguments = "PID...",
	.summary = "Seal running processes",
	.options = OPTIONS_COMMON | OPTIONS_SELECTION | OPTIONS_TYPES | OPTIONS_ATTACH |
		   OPTIONS_REPORT,
	.report = &region_report,
	.columns = "PID,START,END,PERM,CLASS,RESULT,REASON,NAME",
	.usage_status = STATUS_ERROR,
	.run = run_attach,
};
