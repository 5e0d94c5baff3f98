/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Sealing a program that is stopped during its start. */
#include "startup-seal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend.h"
#include "dynamic.h"
#include "inject.h"
#include "log.h"
#include "process.h"
#include "remote-memory.h"
#include "remote-seal.h"
#include "survey.h"

void startup_compare_filters(struct startup *s)
{
	pid_t pid = s->tracee.pid;
	struct process program;

	/* constructors may have added a filter to those inherited from msealctl */
	s->tracee.own_filter = !s->has_run ||
			       (process_read_thread(pid, pid, &program) == 0 &&
				program.seccomp_filters == s->own_filters);
}

/* What the steps of the backends share. */
struct work {
	struct startup *startup;
	struct survey survey;
};

static int plan_start(void *context, struct plan *ret)
{
	struct work *w = context;
	const struct tracer_process *tracer = w->startup->tracer;

	return choice_plan(tracer->choice, ret, &w->survey.arena, &w->survey.regions,
			   tracer->types);
}

/*
 * glibc's loader relocates itself once more, and makes its own RELRO read-only, only if it is
 * in use by a library: not in a program that needs none (Go, -buildmode=pie).  By the entry
 * point it has done its work all the same.
 */
static bool is_left_by_loader(const struct startup *s, const struct region *region)
{
	return region->blocker == BLOCKER_RELRO_WRITABLE && s->base && region->image &&
	       region->image->start == s->loader_start;
}

static int plan_entry(void *context, struct plan *ret)
{
	const struct work *w = context;
	int r = plan_start(context, ret);

	for (size_t i = 0; r == 0 && i < ret->count; i++)
		if (ret->items[i].result == PLAN_SKIPPED &&
		    is_left_by_loader(w->startup, ret->items[i].region))
			ret->items[i].result = PLAN_WOULD_SEAL;
	return r;
}

/* Do for the loader what it does for itself in other programs. */
static int protect_loader(const struct work *w, struct injector *in, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->count; i++) {
		struct plan_item *item = &plan->items[i];
		const unsigned long arguments[4] = {
			item->start, item->end - item->start, PROT_READ,
		};
		long result = 0;

		if (item->result != PLAN_WOULD_SEAL ||
		    !is_left_by_loader(w->startup, item->region))
			continue;
		r = inject_call(in, w->startup->calls->mprotect, arguments, &result);
		if (result != 0)
			item->result = PLAN_SKIPPED;
	}
	return r;
}

static int seal_start(void *context, struct plan *plan)
{
	struct work *w = context;
	struct injector in;
	int r = inject_begin(&in, &w->startup->tracee, &w->survey.regions, NO_CHAIN, NULL);

	if (r == 0) {
		r = protect_loader(w, &in, plan);
		if (r == 0)
			r = remote_seal(&in, plan, NULL);
		else
			inject_end(&in);
		w->startup->disturbed = r < 0;
	}
	return r < 0 ? startup_fail(w->startup, r, inject_reason(r)) : 0;
}

static int verify_start(void *context, struct plan *plan)
{
	const struct work *w = context;
	pid_t pid = w->startup->tracee.pid;
	struct survey after;
	int r = survey_read(&after, pid, pid, SURVEY_SMAPS | SURVEY_ROWS);

	if (r < 0)
		return r;
	plan_verify(plan, &after.maps);
	survey_free(&after);
	return 0;
}

static const struct backend start_backend = {
	.plan = plan_entry,
	.seal = seal_start,
	.verify = verify_start,
};

/*
 * Can ITEM be sealed only once the loader has done its work?  glibc's ignores that it could not
 * turn on the check of branches for sealed code, and the program would run without.  The kernel
 * has done it for the loader, and for programs that have none.
 */
static bool must_wait(const struct startup *s, const struct plan_item *item,
		      const struct memory *m)
{
	const struct region *region = item->region;

	if (region->class != CLASS_TEXT && region->class != CLASS_RODATA)
		return true;
	if (s->base && region->image && region->image->is_exe && region->image->is_guarded)
		return true;
	return !region->image || dynamic_has_text_relocations(m, region->image);
}

static int plan_early(void *context, struct plan *ret)
{
	const struct work *w = context;
	struct memory m = remote_memory(w->startup->tracee.pid);
	int r = plan_start(context, ret);

	for (size_t i = 0; r == 0 && i < ret->count; i++)
		if (ret->items[i].result == PLAN_WOULD_SEAL && must_wait(w->startup, &ret->items[i], &m))
			ret->items[i].result = PLAN_SKIPPED;
	return r;
}

/* What was not sealed here is tried again at the entry point, and verified there. */
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

static int survey_start(struct work *w, unsigned parts)
{
	pid_t pid = w->startup->tracee.pid;

	return survey_read(&w->survey, pid, pid, SURVEY_STARTING | parts);
}

/*
 * A loader by its name, which may be run as a program and find the program in its arguments,
 * ld.so(8): "ld-linux-x86-64.so.2", "ld-2.31.so", "ld-musl-x86_64.so.1", or musl's "libc.so".
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
static int find_images(struct startup *s, const struct regions *regions)
{
	s->loader_start = s->loader_end = 0;
	s->knows_loader = false;
	for (size_t i = 0; i < regions->count; i++) {
		const struct image *image = regions->items[i].image;

		if (image && (s->base ? image->start == s->base :
			      image->is_exe && is_loader(image))) {
			s->loader_start = image->start;
			s->loader_end = image->end;
			s->knows_loader = is_loader(image);
		} else if (image && image->is_exe) {
			s->exe_start = image->start;
			s->exe_end = image->end;
		}
	}
	return regions_know_exe(regions) && (!s->base || s->loader_start) ? 0 : -ENOEXEC;
}

int startup_begin_program(struct startup *s)
{
	struct work w = { .startup = s, .survey.arena = ARENA_INIT };
	struct plan plan;
	int r;

	startup_compare_filters(s);
	r = survey_start(&w, 0);
	if (r == 0)
		r = find_images(s, &w.survey.regions);
	s->vdso_call = r == 0 && s->knows_loader ?
		  startup_find_vdso_call(s->tracee.pid, &w.survey.regions) : 0;
	if (r == 0 && !s->tracer->shim)
		r = backend_seal(&early_backend, &w, &plan);
	survey_free(&w.survey);
	return r;
}

/* A plan_say_fn. */
static void say_item(void *context, enum plan_message message, const struct plan_item *item)
{
	bool *hinted = context;
	struct line line = { .len = 0 };

	plan_item_line(item, &line);
	(message == PLAN_ERROR ? log_error : message == PLAN_WARNING ? log_warning : log_verbose)(
		"%.*s", (int)line.len, line.text);
	if (item->result != PLAN_SKIPPED || item->region->blocker != BLOCKER_RELRO_WRITABLE ||
	    *hinted)
		return;
	log_hint("its start-up code leaves it so: --exclude=relro seals the rest");
	*hinted = true;
}

/* The same messages as those of the shim.  Returns whether all of PLAN is sealed. */
static bool report(struct startup *s, const struct plan *plan)
{
	bool hinted = false;

	s->reported = !plan_report(plan, s->best_effort, say_item, &hinted);
	return !s->reported;
}

/* Log the terms that matched nothing.  Returns whether COMMAND must not run for that. */
static bool has_mistakes(struct startup *s, const struct plan *plan)
{
	struct choice_miss miss = { .pos = 0 };
	bool mistaken = false;

	/* the lists are for COMMAND, and not for what leads to it */
	if (s->execs_left > 1)
		return false;
	while (choice_next_miss(s->tracer->choice, false, &miss)) {
		const struct term *term = miss.term;

		if (miss.is_mistake && !s->best_effort) {
			log_error("%s: cannot seal: %s: '%.*s' matches nothing", s->tracer->object,
				  miss.option, (int)term->text_len, term->text);
			s->reported = mistaken = true;
		} else {
			log_warning("%s: '%.*s' matches nothing", miss.option,
				    (int)term->text_len, term->text);
		}
	}
	if (!mistaken && plan->count == 0) {
		startup_fail(s, -EPERM, "nothing is selected");
		mistaken = true;
	}
	return mistaken;
}

int startup_seal(struct startup *s)
{
	struct work w = { .startup = s, .survey.arena = ARENA_INIT };
	struct plan plan;
	int r = survey_start(&w, 0);

	if (r == 0)
		r = backend_seal(&start_backend, &w, &plan);
	if (r == 0 && (!report(s, &plan) || has_mistakes(s, &plan)))
		r = -EPERM;
	survey_free(&w.survey);
	return r;
}

static bool maps_shim(const struct regions *regions, const char *shim)
{
	for (size_t i = 0; i < regions->count; i++)
		if (regions->items[i].class == CLASS_TEXT &&
		    strcmp(region_object(&regions->items[i]), shim) == 0)
			return true;
	return false;
}

/* Is what is selected of the program and its loader sealed? */
static bool is_sealed(const struct startup *s, const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct region *region = plan->items[i].region;

		if (plan->items[i].result != PLAN_ALREADY && region->image &&
		    region->class != CLASS_DATA &&
		    (region->image->is_exe || region->image->start == s->loader_start))
			return false;
	}
	return true;
}

/*
 * The shim ends the program itself if it cannot seal everything.  So it is enough that
 * it was loaded, and has sealed what was there before it: the program and its loader.
 */
int startup_check_shim(struct startup *s)
{
	struct work w = { .startup = s, .survey.arena = ARENA_INIT };
	struct plan plan;
	int r = survey_start(&w, SURVEY_SMAPS);

	if (r == 0)
		r = plan_start(&w, &plan);
	if (r == 0 &&
	    (!maps_shim(&w.survey.regions, s->tracer->shim) || !is_sealed(s, &plan)))
		r = startup_fail(s, -EPERM, "its loader has not loaded the shim");
	survey_free(&w.survey);
	return r;
}
