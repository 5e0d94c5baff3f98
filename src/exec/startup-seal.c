/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "startup-seal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend.h"
#include "clock.h"
#include "dynamic.h"
#include "exit-status.h"
#include "inject.h"
#include "log.h"
#include "plan.h"
#include "process.h"
#include "remote-memory.h"
#include "remote-seal.h"
#include "survey.h"

/* A call takes microseconds, unless something keeps the program from running. */
#define WORK_TIMEOUT_NS (10 * NS_PER_S)

void startup_log_failure(const struct startup *s, const char *reason)
{
	if (s->escort->best_effort)
		log_warning("%s: runs unsealed: %s", s->escort->object, reason);
	else
		log_error("%s: cannot seal: %s", s->escort->object, reason);
}

void startup_begin_work(struct startup *s)
{
	pid_t pid = s->tracee.pid, us = getpid();
	struct process it, own;

	s->tracee.deadline = clock_now() + WORK_TIMEOUT_NS;
	/* constructors may have added one to what we have ourselves */
	s->tracee.own_filter = process_read_thread(us, us, &own) == 0 &&
			       process_read_thread(pid, pid, &it) == 0 &&
			       it.seccomp_filters == own.seccomp_filters;
}

/* Seccomp was suspended for the calls alone. */
static int resume_seccomp(const struct injector *in)
{
	return ptrace(PTRACE_SETOPTIONS, in->thread->tid, NULL, in->tracee->options) == 0 ? 0 :
											   -errno;
}

/* What the steps of the backends share. */
struct work {
	struct startup *startup;
	struct survey survey;
};

static int plan_start(void *context, struct plan *ret)
{
	struct work *w = context;
	const struct escort *escort = w->startup->escort;

	return choice_plan(escort->choice, ret, &w->survey.arena, &w->survey.regions,
			   escort->types);
}

static int seal_start(void *context, struct plan *plan)
{
	struct work *w = context;
	struct injector in;
	int r = inject_begin(&in, &w->startup->tracee, &w->survey.regions);

	if (r == 0)
		r = remote_seal(&in, plan);
	return r == 0 ? resume_seccomp(&in) : r;
}

static int verify_start(void *context, struct plan *plan)
{
	const struct work *w = context;
	pid_t pid = w->startup->tracee.pid;
	struct arena arena = ARENA_INIT;
	struct maps after;
	int r = survey_read_seals(&after, &arena, pid, pid);

	if (r < 0)
		return r;
	plan_verify(plan, &after);
	arena_unmap(&arena);
	return 0;
}

static const struct backend start_backend = {
	.plan = plan_start,
	.seal = seal_start,
	.verify = verify_start,
};

static bool waits(const struct plan_item *item, const struct memory *m)
{
	const struct region *region = item->region;

	if (region->class != CLASS_TEXT && region->class != CLASS_RODATA)
		return true;
	return !region->image || dynamic_has_text_relocations(m, region->image);
}

static int plan_early(void *context, struct plan *ret)
{
	const struct work *w = context;
	struct memory m = remote_memory(w->startup->tracee.pid);
	int r = plan_start(context, ret);

	for (size_t i = 0; r == 0 && i < ret->count; i++)
		if (ret->items[i].result == PLAN_WOULD_SEAL && waits(&ret->items[i], &m))
			ret->items[i].result = PLAN_SKIPPED;
	return r;
}

/* What fails here fails again later, and is reported then. */
static int verify_later(void *context, struct plan *plan)
{
	(void)context;
	(void)plan;
	return 0;
}

static const struct backend early_backend = {
	.plan = plan_early,
	.seal = seal_start,
	.verify = verify_later,
};

int startup_seal_early(struct startup *s)
{
	struct work w = { .startup = s };
	struct plan plan;
	int r;

	startup_begin_work(s);
	r = survey_read(&w.survey, s->tracee.pid, s->tracee.pid, SURVEY_STARTING);
	if (r == 0) {
		r = backend_seal(&early_backend, &w, &plan);
		survey_free(&w.survey);
	}
	if (r < 0)
		startup_log_failure(s, inject_reason(r));
	return r;
}

static void log_item(const struct plan_item *item, const char *what,
		     void (*log)(const char *format, ...))
{
	const char *reason = plan_item_reason(item);

	log("%s 0x%lx-0x%lx (%s of %s)%s%s", what, item->start, item->end,
	    region_class_names[item->region->class], region_object(item->region),
	    reason[0] ? ": " : "", reason);
}

/* In the words of the shim.  Returns whether all of PLAN is sealed. */
static bool report(const struct startup *s, const struct plan *plan)
{
	bool complete = true;

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		if (plan_item_is_sealed(item)) {
			log_item(item, item->result == PLAN_SEALED ? "sealed" : "already sealed",
				 log_verbose);
			continue;
		}
		if (s->escort->best_effort)
			log_item(item, "cannot seal", log_warning);
		else if (complete)
			log_item(item, "cannot seal", log_error);
		if (complete && item->result == PLAN_SKIPPED &&
		    item->region->blocker == BLOCKER_RELRO_WRITABLE)
			log_hint("its start-up code leaves it so: --exclude=relro seals the rest");
		complete = false;
	}
	return complete;
}

/* Log the terms that matched nothing.  Returns whether COMMAND must not run for that. */
static bool has_mistakes(const struct startup *s, const struct plan *plan)
{
	const struct escort *escort = s->escort;
	struct choice_miss miss = { .pos = 0 };
	bool mistaken = false;

	/* the lists are for COMMAND, and not for what leads to it */
	if (s->execs_left > 1)
		return false;
	while (choice_next_miss(escort->choice, false, &miss)) {
		const struct term *term = miss.term;

		if (miss.is_mistake && !escort->best_effort) {
			log_error("%s: cannot seal: %s: '%.*s' matches nothing", escort->object,
				  miss.option, (int)term->text_len, term->text);
			mistaken = true;
		} else {
			log_warning("%s: '%.*s' matches nothing", miss.option,
				    (int)term->text_len, term->text);
		}
	}
	if (!mistaken && plan->count == 0) {
		startup_log_failure(s, "nothing is selected");
		mistaken = !escort->best_effort;
	}
	return mistaken;
}

static int seal_and_report(struct work *w)
{
	struct startup *s = w->startup;
	struct plan plan;
	int r = backend_seal(&start_backend, w, &plan);

	if (r < 0) {
		startup_log_failure(s, inject_reason(r));
		return r;
	}
	return report(s, &plan) && !has_mistakes(s, &plan) ? 0 : -ECANCELED;
}

static bool maps_shim(const struct regions *regions, const struct escort *escort)
{
	for (size_t i = 0; i < regions->count; i++) {
		const char *object = region_object(&regions->items[i]);

		if (regions->items[i].class == CLASS_TEXT &&
		    strcmp(object, escort->shim) == 0)
			return true;
	}
	return false;
}

/*
 * Has the shim been here?  It ends the program itself if it cannot seal everything, so
 * it is enough that it was loaded, and that nothing of what was there all along, the
 * program and its loader, was left open.
 */
static int witness(struct work *w)
{
	struct startup *s = w->startup;
	bool been_here = maps_shim(&w->survey.regions, s->escort);
	struct plan plan;
	int r = plan_start(w, &plan);

	for (size_t i = 0; r == 0 && i < plan.count; i++) {
		const struct region *region = plan.items[i].region;

		if (plan.items[i].result != PLAN_ALREADY && region->image &&
		    region->class != CLASS_DATA &&
		    (region->image->is_exe || region->image->start == s->loader_start))
			been_here = false;
	}
	if (r == 0 && !been_here)
		r = -ECANCELED;
	if (r < 0)
		startup_log_failure(s, r == -ECANCELED ? "its loader has not loaded the shim" :
						 inject_reason(r));
	return r;
}

int startup_seal(struct startup *s)
{
	bool sealed_by_shim = s->escort->shim;
	struct work w = { .startup = s };
	int r;

	r = survey_read(&w.survey, s->tracee.pid, s->tracee.pid,
			SURVEY_STARTING | (sealed_by_shim ? SURVEY_SMAPS : 0));
	if (r < 0) {
		startup_log_failure(s, inject_reason(r));
		return r;
	}
	r = sealed_by_shim ? witness(&w) : seal_and_report(&w);
	survey_free(&w.survey);
	return r;
}

/* Make it call exit_group(2) here and now. */
static int end_at_once(struct startup *s)
{
	const unsigned long arguments[4] = { STATUS_EXEC_FAILED };
	struct survey survey;
	struct injector in;
	long result;
	int r;

	r = survey_read(&survey, s->tracee.pid, s->tracee.pid, SURVEY_STARTING);
	if (r < 0)
		return r;
	r = inject_begin(&in, &s->tracee, &survey.regions);
	if (r == 0) {
		r = inject_call(&in, s->calls->exit_group, arguments, &result);
		/* it does not come back from there */
		r = r == -ESRCH ? 0 : -EFAULT;
		if (r < 0) {
			inject_end(&in);
			resume_seccomp(&in);
		}
	}
	survey_free(&survey);
	return r;
}

/* Let the next call that it makes, whichever it is, be exit_group(2). */
static int end_at_next_call(struct startup *s)
{
	struct tracee_thread *thread = &s->tracee.threads[0];
	struct __ptrace_syscall_info info;
	remote_regs regs;
	int status, r;

	do {
		r = tracee_resume(&s->tracee, thread, PTRACE_SYSCALL, 0, &status);
		if (r == 0 && ptrace(PTRACE_GET_SYSCALL_INFO, thread->tid, sizeof(info),
				     &info) < 0)
			r = -errno;
	} while (r == 0 && info.op != PTRACE_SYSCALL_INFO_ENTRY);
	if (r == 0)
		r = remote_regs_get(thread->tid, &regs);
	if (r == 0) {
		startup_call_replace(&regs, s->calls->exit_group, STATUS_EXEC_FAILED);
		r = remote_regs_set(thread->tid, &regs);
	}
	if (r == 0)
		r = tracee_resume(&s->tracee, thread, PTRACE_CONT, 0, &status);
	return r == -ESRCH ? 0 : -EFAULT;
}

void startup_refuse(struct startup *s)
{
	startup_begin_work(s);
	/* whatever happens, it must not run on */
	if (!s->calls || (end_at_once(s) < 0 && end_at_next_call(s) < 0))
		syscall(SYS_pidfd_send_signal, s->tracee.pidfd, SIGKILL, NULL, 0);
}
