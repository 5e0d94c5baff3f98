/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "seal-self.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "backend.h"
#include "line.h"
#include "maps-from-loader.h"
#include "mseal.h"
#include "stderr.h"

/* Enough for a hundred objects.  It grows by the factor 4. */
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

static int parse_lists(struct seal_self *self)
{
	const struct settings *s = self->settings;
	uint64_t base = (uintptr_t)self->arena.base;
	struct select_error error;
	int r = choice_parse(&self->choice, &self->arena, s->seal, s->exclude, &error);

	self->choice.reserved = (struct plan_reserved){ base, base + self->arena.size };
	self->choice.defaulted = s->defaulted;
	return r;
}

int seal_self_rows(struct maps *maps, struct arena *arena)
{
	return read_rows(maps, arena, "/proc/self/maps");
}

/* Without /proc, the loader knows enough about ELF objects, but of nothing else. */
static int find_rows(struct seal_self *self)
{
	int r = seal_self_rows(&self->maps, &self->arena);

	if (r == -ENOENT && maps_from_loader_suffice(&self->choice.selection) &&
	    maps_from_loader_suffice(&self->choice.exclude))
		r = maps_from_loader(&self->maps, &self->arena);
	return r;
}

/* This process's memory, as far as MAPS shows it; the rest by process_vm_readv(2). */
struct own_memory {
	struct memory memory;
	const struct maps *maps;
};

static int read_own(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	const struct vma *row = maps_at(((const struct own_memory *)m)->maps, addr);
	const struct memory other = memory_of(m->pid);

	if (!row || !(row->perms & VMA_READ) || row->end - addr < len)
		return other.read(&other, addr, buf, len);
	memcpy(buf, (const void *)(uintptr_t)addr, len);
	return 0;
}

static int look(struct seal_self *self, seal_self_rows_fn *rows)
{
	struct own_memory own = { .memory = memory_of(getpid()), .maps = &self->maps };
	int r = parse_lists(self);

	if (r < 0)
		return r;
	r = rows ? rows(&self->maps, &self->arena) : find_rows(self);
	if (r < 0)
		return r;
	/* at the start the loader has just read these objects; later a file may be truncated */
	if (!rows)
		own.memory.read = read_own;
	r = regions_build(&self->regions, &self->arena, &self->maps, &own.memory,
			  getauxval(AT_PHDR));
	/* unrecognised, the program would silently be left out; ROWS need not have it */
	return r == 0 && !rows && !regions_know_exe(&self->regions) ? -ENOEXEC : r;
}

int seal_self_look(const struct settings *settings, seal_self_rows_fn *rows, seal_self_fn *fn,
		   void *context)
{
	for (size_t size = ARENA_FIRST; ; size *= 4) {
		struct seal_self self = { .settings = settings, .arena = ARENA_INIT };
		int r = arena_map(&self.arena, size);

		if (r == 0)
			r = look(&self, rows);
		if (r == 0)
			r = fn(&self, context);
		arena_unmap(&self.arena);
		if (r != ARENA_FULL)
			return r;
	}
}

int seal_self_plan(void *context, struct plan *ret)
{
	struct seal_self *self = context;

	return choice_plan(&self->choice, ret, &self->arena, &self->regions,
			   self->settings->types);
}

/* A plan_seal_fn. */
static int seal_here(void *context, uint64_t start, uint64_t end, unsigned types,
		     int *ret_error)
{
	(void)context;
	*ret_error = mseal_self(start, end - start, types);
	return 0;
}

static int make_calls(void *context, struct plan *plan)
{
	return plan_seal(plan, seal_here, context);
}

static int protection_of(const struct vma *vma)
{
	return (vma->perms & VMA_READ ? PROT_READ : 0) |
	       (vma->perms & VMA_WRITE ? PROT_WRITE : 0) |
	       (vma->perms & VMA_EXEC ? PROT_EXEC : 0);
}

/* Sealed memory refuses even the protection that it has, so the attempt changes nothing. */
static bool refuses_mprotect(const struct plan_item *item)
{
	return mprotect((void *)(uintptr_t)item->start, item->end - item->start,
			protection_of(item->region->vma)) != 0 && errno == EPERM;
}

static void verify_by_mprotect(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_item *item = &plan->items[i];

		if (item->result != PLAN_WOULD_SEAL)
			continue;
		item->result = item->error == 0 && refuses_mprotect(item) ? PLAN_SEALED :
									    PLAN_FAILED;
	}
}

static int verify_by_smaps(struct seal_self *self, struct plan *plan)
{
	struct maps after = { 0 };
	int r = read_rows(&after, &self->arena, "/proc/self/smaps");

	if (r == 0)
		plan_verify(plan, &after);
	return r;
}

/*
 * smaps is slow, so it is read only where mprotect(2) proves nothing: for seals that do not
 * forbid it, and under a seccomp filter, which may deny it; and for a verbose report,
 * unless there is no /proc.
 */
static int verify(void *context, struct plan *plan)
{
	struct seal_self *self = context;
	const struct settings *s = self->settings;
	bool by_mprotect = (s->types & SEAL_PROT_PKEY) && prctl(PR_GET_SECCOMP) == 0;
	int r = s->verbose || !by_mprotect ? verify_by_smaps(self, plan) : -ENOENT;

	if (r == -ENOENT && by_mprotect) {
		verify_by_mprotect(plan);
		r = 0;
	}
	return r;
}

int seal_self_run(struct seal_self *self, int (*plan)(void *self, struct plan *ret))
{
	const struct backend backend = { .plan = plan, .seal = make_calls, .verify = verify };

	return backend_seal(&backend, self, &self->plan);
}

/* A plan_say_fn. */
static void say_item(void *context, enum plan_message message, const struct plan_item *item)
{
	const struct settings *s = context;
	struct line line;

	if ((message == PLAN_VERBOSE && !s->verbose) || (message == PLAN_WARNING && s->quiet))
		return;
	line_begin(&line);
	line_text(&line, message == PLAN_WARNING ? "warning: " : "");
	plan_item_line(item, &line);
	stderr_write(&line);
}

bool seal_self_report(const struct seal_self *self)
{
	struct settings settings = *self->settings;

	return plan_report(&self->plan, settings.best_effort, say_item, &settings);
}
