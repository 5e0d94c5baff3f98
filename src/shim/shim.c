/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * libmsealctl.so: what "msealctl exec" puts into LD_PRELOAD.
 *
 * One constructor.  ld.so has by then relocated every object of the start-up and
 * made its RELRO read-only, and has run nothing of the program; being linked with
 * -z initfirst, the shim also comes before the constructors of all libraries,
 * libc's among them.  So it uses system calls, string functions and nothing else
 * of libc: no malloc, no stdio, no locale.  What it uses is in musl, too, whose
 * loader takes it for an object of its own; only there, libraries come first.
 *
 * It fails closed: if something that was asked for is not sealed in the end, the
 * program does not run.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "environment.h"
#include "loaded.h"
#include "maps.h"
#include "message.h"
#include "mseal.h"
#include "plan.h"
#include "region.h"
#include "select.h"

#define EXIT_FAILED 125		/* STATUS_EXEC_FAILED */

/* Enough for a hundred objects; a larger program gets the next size. */
#define ARENA_FIRST ((size_t)1 << 20)

static int read_rows(struct maps *maps, struct arena *arena, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = maps_read(maps, arena, fd);
	close(fd);
	return r;
}

/* A plan_seal_fn. */
static int seal_here(void *context, uint64_t start, uint64_t end, unsigned types)
{
	(void)context;
	return mseal_self(start, end - start, types);
}

static int protection_of(const struct vma *vma)
{
	return (vma->perms & VMA_READ ? PROT_READ : 0) |
	       (vma->perms & VMA_WRITE ? PROT_WRITE : 0) |
	       (vma->perms & VMA_EXEC ? PROT_EXEC : 0);
}

/* Sealed memory refuses even the protection that it has: nothing changes either way. */
static bool refuses_mprotect(const struct plan_item *item)
{
	return mprotect((void *)(uintptr_t)item->start, item->end - item->start,
			protection_of(item->region->vma)) != 0 && errno == EPERM;
}

static void prove_by_mprotect(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_item *item = &plan->items[i];

		if (item->result != PLAN_WOULD_SEAL)
			continue;
		item->result = item->error == 0 && refuses_mprotect(item) ? PLAN_SEALED :
									    PLAN_FAILED;
	}
}

static int prove_by_smaps(struct plan *plan, struct arena *arena)
{
	struct maps after = { 0 };
	int r = read_rows(&after, arena, "/proc/self/smaps");

	if (r == 0)
		plan_verify(plan, &after);
	return r;
}

/*
 * smaps takes its time, so it is read only where mprotect proves nothing: for
 * seals that do not forbid it, and under a seccomp filter, which may deny it as
 * well; and where a report is wanted.
 */
static bool needs_smaps(const struct settings *s)
{
	return s->verbose || !(s->types & SEAL_PROT_PKEY) || prctl(PR_GET_SECCOMP) != 0;
}

static int parse_lists(const struct settings *s, struct arena *arena,
		       struct selection *selection, struct selection *exclude)
{
	struct select_error error;
	int r = selection_parse(selection, arena, s->seal, &error);

	if (r == 0 && s->exclude)
		r = selection_parse(exclude, arena, s->exclude, &error);
	return r;
}

/* Where /proc is not mounted, the loader is asked, as far as it can tell. */
static int find_rows(struct maps *maps, struct arena *arena, const struct selection *selection,
		     const struct selection *exclude)
{
	int r = read_rows(maps, arena, "/proc/self/maps");

	if (r == -ENOENT && loaded_suffices(selection) && loaded_suffices(exclude))
		r = loaded_rows(maps, arena);
	return r;
}

static int prove(const struct settings *s, struct plan *plan, struct arena *arena)
{
	int r = needs_smaps(s) ? prove_by_smaps(plan, arena) : -ENOENT;

	/* a refused mprotect proves as much, but for those reasons */
	if (r == -ENOENT && (s->types & SEAL_PROT_PKEY) && prctl(PR_GET_SECCOMP) == 0) {
		prove_by_mprotect(plan);
		r = 0;
	}
	return r;
}

/* The steps of the design: maps, ELF images, selection, plan, mseal, proof. */
static int seal(const struct settings *s, struct arena *arena, struct plan *plan,
		struct selection *selection)
{
	struct plan_reserved ours = {
		(uintptr_t)arena->base, (uintptr_t)arena->base + arena->size,
	};
	struct memory memory = memory_of(getpid());
	struct selection exclude = { 0 };
	struct regions regions;
	struct maps maps = { 0 };
	int r = parse_lists(s, arena, selection, &exclude);

	if (r == 0)
		r = find_rows(&maps, arena, selection, &exclude);
	if (r == 0)
		r = regions_build(&regions, arena, &maps, &memory, getauxval(AT_PHDR));
	if (r == 0)
		r = plan_build(plan, arena, &regions, selection, &exclude, &ours, s->types);
	if (r == 0)
		r = plan_seal(plan, seal_here, NULL);
	return r == 0 ? prove(s, plan, arena) : r;
}

static void say_item(const struct plan_item *item, const char *what)
{
	const char *reason = plan_item_reason(item);
	struct message m;

	message_begin(&m);
	message_text(&m, what);
	message_range(&m, item->start, item->end);
	message_text(&m, " (");
	message_text(&m, region_class_names[item->region->class]);
	message_text(&m, " of ");
	message_text(&m, region_object(item->region));
	message_text(&m, ")");
	if (reason[0]) {
		message_text(&m, ": ");
		message_text(&m, reason);
	}
	message_send(&m);
}

static bool is_bad(const struct plan_item *item)
{
	return item->result != PLAN_SEALED && item->result != PLAN_ALREADY;
}

/* Say what was done and what was not.  Returns whether all of it was. */
static bool report(const struct settings *s, const struct plan *plan)
{
	bool complete = true;

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		if (!is_bad(item)) {
			if (s->verbose)
				say_item(item, item->result == PLAN_SEALED ? "sealed " :
									     "already sealed ");
			continue;
		}
		/* one is reason enough to end, all are wanted before going on regardless */
		if (!s->best_effort && complete)
			say_item(item, "cannot seal ");
		else if (s->best_effort && !s->quiet)
			say_item(item, "warning: cannot seal ");
		complete = false;
	}
	return complete;
}

static void warn_of_misses(const struct settings *s, const struct selection *selection)
{
	for (size_t i = 0; i < selection->count && !s->quiet && !s->defaulted; i++) {
		const struct term *term = &selection->terms[i];
		struct message m;

		if (term->hits > 0)
			continue;
		message_begin(&m);
		message_text(&m, "warning: --seal: '");
		message_bytes(&m, term->text, term->text_len);
		message_text(&m, "' matches nothing");
		message_send(&m);
	}
}

static void say_failure(int error)
{
	struct message m;

	message_begin(&m);
	message_text(&m, "cannot seal: ");
	if (error == -EINVAL)
		message_text(&m, "the settings from msealctl are damaged");
	else if (error == -ENOENT)
		message_text(&m, "/proc is not mounted");
	else
		message_errno(&m, error);
	message_send(&m);
}

/* Seal this process as S says.  Returns whether everything asked for is sealed. */
static bool seal_process(const struct settings *s)
{
	for (size_t size = ARENA_FIRST; ; size *= 4) {
		struct selection selection = { 0 };
		struct arena arena = ARENA_INIT;
		bool complete = false;
		struct plan plan;
		int r = arena_map(&arena, size);

		if (r == 0)
			r = seal(s, &arena, &plan, &selection);
		if (r == 0) {
			complete = report(s, &plan);
			warn_of_misses(s, &selection);
		}
		arena_unmap(&arena);
		if (r == 0)
			return complete;
		if (r != ARENA_FULL) {
			say_failure(r);
			return false;
		}
	}
}

/*
 * glibc gives constructors the arguments of main(), and has not set environ yet; musl
 * gives them nothing, and has.
 */
static char **environment(char **envp)
{
	return environ ? environ : envp;
}

__attribute__((constructor))
static void shim_start(int argc, char **argv, char **envp)
{
	struct settings settings;
	int saved = errno, r;

	(void)argc;
	(void)argv;
	envp = environment(envp);
	r = environment_read(envp, &settings);
	if (r == -ENOENT) {
		errno = saved;
		return;
	}
	if (r < 0) {
		say_failure(r);
		_exit(EXIT_FAILED);
	}
	if (!seal_process(&settings) && !settings.best_effort)
		_exit(EXIT_FAILED);
	if (!settings.inherit)
		environment_clean(envp);
	errno = saved;
}
