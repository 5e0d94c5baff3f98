/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The courier (audit.c) tells of objects that were mapped.  The loader's lock is held
 * whenever one of these functions runs, so that there is one at a time.
 */
#include "follow.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "audit.h"
#include "dlerror.h"
#include "init-hook.h"
#include "late-stderr.h"
#include "line.h"
#include "mseal.h"
#include "number.h"
#include "page.h"
#include "relro.h"
#include "seal-self.h"
#include "seccomp-filters.h"
#include "settings.h"
#include "stderr.h"

/* musl has it not, nor auditors: there is no courier then */
#pragma weak dlmopen

/* An object that is mapped, and not sealed yet. */
struct object {
	struct link_map *map;	/* NULL: nothing is here */
	struct link_map *root;	/* what dlopen(3) was called for: keeps all that it needs */
	Lmid_t lmid;
	struct initializer *diverted;	/* or NULL */
	bool ready;		/* the loader has finished with it */
	bool seen;		/* in the maps */
	struct vma dynamic;	/* of which this is the row with the dynamic section */
};

/* Far more objects than a program loads at once; what is not used costs no memory. */
RELRO static struct follow {
	struct settings settings;
	uint64_t filters;		/* of seccomp, at the start */
	char buffer[FILTERS_BUFFER_SIZE];
	struct stat stderr_then;
	struct object objects[INITIALIZERS_MAX];
	size_t count;			/* up to the last one in use */
	struct link_map *root;		/* of the load that goes on */
	struct initializer *unlocked;	/* restored, but its memory is still writable */
	bool filtered;			/* by a further filter */
} *volatile follow;

static void free_object(struct object *o)
{
	*o = (struct object){ 0 };
	while (follow->count > 0 && !follow->objects[follow->count - 1].map)
		follow->count--;
}

static bool has_stderr(void)
{
	return late_stderr(&follow->stderr_then, follow->filtered);
}

static void say_object(const struct object *o, const char *reason)
{
	struct line line;

	if (!o->map || follow->settings.quiet || !has_stderr())
		return;
	line_begin(&line);
	line_text(&line, "warning: cannot seal ");
	line_text(&line, o->map->l_name);
	line_text(&line, ": ");
	line_text(&line, reason);
	stderr_write(&line);
}

static bool has_image(const struct object *o, const struct image *image)
{
	uint64_t dynamic = (uintptr_t)o->map->l_ld;

	return image && dynamic >= image->start && dynamic < image->end;
}

static struct object *object_of(const struct region *region)
{
	for (size_t i = 0; i < follow->count; i++)
		if (follow->objects[i].map && has_image(&follow->objects[i], region->image))
			return &follow->objects[i];
	return NULL;
}

/*
 * Find out which objects are ready.  REACHED: the loader has finished with what it loads
 * now.  If not, it may be within another load, whose objects are not relocated.
 */
static void find_ready(const struct regions *regions, bool reached)
{
	for (size_t i = 0; i < follow->count; i++)
		follow->objects[i].ready = true;
	for (size_t i = 0; i < regions->count && !reached; i++) {
		struct object *o = object_of(&regions->items[i]);

		if (o && regions->items[i].hold != HOLD_NONE)
			o->ready = false;
	}
}

/* Of all regions, keep those of objects that are ready. */
static void keep_ready(struct regions *regions)
{
	size_t kept = 0;

	for (size_t i = 0; i < regions->count; i++) {
		struct region *region = &regions->items[i];
		struct object *o = object_of(region);

		if (!o || !o->ready)
			continue;
		o->seen = true;
		region->image->dlopened = true;
		regions->items[kept++] = *region;
	}
	regions->count = kept;
	for (size_t i = 0; i < follow->count; i++)
		if (follow->objects[i].ready && !follow->objects[i].seen)
			say_object(&follow->objects[i], "its ELF headers are not understood");
}

/* Is the memory at both PLACES read-only?  Returns -1 if that is not known, or differs. */
static int is_locked(const struct maps *maps, const uint64_t places[2])
{
	const struct vma *a = maps_at(maps, places[0]), *b = maps_at(maps, places[1]);

	if (!a || !b || (a->perms & VMA_WRITE) != (b->perms & VMA_WRITE))
		return -1;
	return !(a->perms & VMA_WRITE);
}

/* What cannot be restored, for want of memory say, is called through us later. */
static int restore_initializers(const struct maps *maps)
{
	for (size_t i = 0; i < follow->count; i++) {
		struct object *o = &follow->objects[i];
		struct initializer *diverted = o->diverted;
		uint64_t places[2];
		int locked;

		if (!diverted || !o->ready)
			continue;
		o->diverted = NULL;
		initializer_places(diverted, places);
		locked = is_locked(maps, places);
		if (locked >= 0 && initializer_restore(diverted, locked) == -ENOTRECOVERABLE) {
			follow->unlocked = diverted;
			return -ENOTRECOVERABLE;
		}
	}
	return 0;
}

/* Make OBJECT stay for good, and with it all that it needs. */
static bool keep_loaded(const struct object *o)
{
	/* for the program to read: what loads now may be libc, for iconv(3) say */
	void *message = dlerror_hide();
	/* it is open already, so this opens no file and runs nothing */
	void *handle = dlmopen(o->lmid, o->root->l_name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);

	dlerror_show(message);
	return handle == o->root;
}

static void drop_regions(struct regions *regions, const struct object *of)
{
	size_t kept = 0;

	for (size_t i = 0; i < regions->count; i++)
		if (object_of(&regions->items[i]) != of)
			regions->items[kept++] = regions->items[i];
	regions->count = kept;
}

static bool is_planned(const struct plan *plan, const struct object *o)
{
	for (size_t i = 0; i < plan->count; i++)
		if (has_image(o, plan->items[i].region->image))
			return true;
	return false;
}

/* Keep what is planned from being unloaded, or leave it alone. */
static int keep_planned(struct self *self)
{
	bool all = true;

	for (size_t i = 0; i < follow->count; i++) {
		struct object *o = &follow->objects[i];

		if (!o->map || !is_planned(&self->plan, o) || keep_loaded(o))
			continue;
		say_object(o, "it cannot be kept from being unloaded");
		drop_regions(&self->regions, o);
		all = false;
	}
	return all ? 0 : self_plan(self);
}

static bool is_of_object(const struct vma *row)
{
	for (size_t i = 0; i < follow->count; i++)
		if (follow->objects[i].map && vma_same_file(row, &follow->objects[i].dynamic))
			return true;
	return false;
}

/*
 * A self_maps_fn: the files of our objects, and what may be their bss.  To read from another
 * file could take forever: that of a server that is gone, or that the program is itself.
 */
static void keep_files(struct maps *maps)
{
	size_t kept = 0;

	for (size_t i = 0; i < follow->count; i++) {
		struct object *o = &follow->objects[i];
		const struct vma *row = o->map ? maps_at(maps, (uintptr_t)o->map->l_ld) : NULL;

		o->dynamic = row ? *row : (struct vma){ 0 };
	}
	for (size_t i = 0; i < maps->count; i++)
		if (maps->vmas[i].inode == 0 || is_of_object(&maps->vmas[i]))
			maps->vmas[kept++] = maps->vmas[i];
	maps->count = kept;
}

/* A self_fn. */
static int seal_ready(struct self *self, void *context)
{
	const bool *reached = context;
	int r;

	find_ready(&self->regions, *reached);
	keep_ready(&self->regions);
	r = restore_initializers(&self->maps);
	if (r == 0)
		r = self_plan(self);
	if (r == 0)
		r = keep_planned(self);
	if (r == 0 && self->plan.count > 0)
		r = self_seal(self);
	if (r == 0 && has_stderr())
		self_report(self);
	return r;
}

/* A filter that was added since could end the process for any call of ours. */
static const char *reason_to_refrain(void)
{
	uint64_t filters;
	int r = filters_count(follow->buffer, &filters);

	if (r < 0)
		return "/proc/thread-self/status cannot be read";
	follow->filtered = filters != follow->filters;
	return follow->filtered ? "a seccomp filter was installed since the start" : NULL;
}

/*
 * At the limit of mappings (vm.max_map_count) there may be one too few to make a page
 * read-only again: there is one more when the arena has been given back.
 */
static int look_and_seal(bool reached)
{
	for (;;) {
		int r = self_look(&follow->settings, keep_files, seal_ready, &reached);
		int locked;

		if (r != -ENOTRECOVERABLE)
			return r;
		locked = initializer_lock(follow->unlocked);
		initializer_forget(follow->unlocked);
		if (locked < 0)
			return r;
	}
}

static void seal_objects(bool reached)
{
	const char *reason = reason_to_refrain();
	int r = reason ? 0 : look_and_seal(reached);

	if (r < 0)
		reason = r == -ENOTRECOVERABLE ? "its RELRO cannot be made read-only again" :
						 error_name(r);
	for (size_t i = follow->count; i > 0; i--) {
		struct object *o = &follow->objects[i - 1];

		if (!o->map || (!reason && !o->ready))
			continue;
		if (reason)
			say_object(o, reason);
		free_object(o);
	}
}

/* Nothing of this may be noticed by the code that loads, or be a point to cancel it at. */
static void seal_unnoticed(bool reached)
{
	int saved = errno, cancel;

	if (follow->count == 0)
		return;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	seal_objects(reached);
	pthread_setcancelstate(cancel, NULL);
	errno = saved;
}

static void on_reached(void)
{
	seal_unnoticed(true);
}

static void on_adding(void)
{
	seal_unnoticed(false);
	follow->root = NULL;
}

static struct object *free_slot(void)
{
	for (size_t i = 0; i < INITIALIZERS_MAX; i++)
		if (!follow->objects[i].map)
			return &follow->objects[i];
	return NULL;
}

static void on_opened(struct link_map *map, Lmid_t lmid)
{
	struct object *o = free_slot();
	size_t index = o ? (size_t)(o - follow->objects) : 0;

	if (!follow->root)
		follow->root = map;
	if (!o || !initializer_has_room()) {
		say_object(&(struct object){ .map = map }, "too many are loaded at once");
		return;
	}
	*o = (struct object){
		.map = map, .root = follow->root, .lmid = lmid,
		.diverted = initializer_divert(map, on_reached),
	};
	if (follow->count <= index)
		follow->count = index + 1;
}

static void on_closed(struct link_map *map)
{
	for (size_t i = follow->count; i > 0; i--) {
		struct object *o = &follow->objects[i - 1];

		/* what stays was opened for itself, too */
		if (o->root == map)
			o->root = o->map;
		if (o->map != map)
			continue;
		if (o->diverted)
			initializer_forget(o->diverted);
		free_object(o);
	}
}

/* The address that the courier has left, and that is to be nobody else's. */
static struct courier *find_courier(char *digits)
{
	uint64_t addr;

	if (!digits || strlen(digits) != strlen(SETTING_COURIER_UNKNOWN) ||
	    number_parse(digits, 16, UINTPTR_MAX, &addr) < 0)
		return NULL;
	memcpy(digits, SETTING_COURIER_UNKNOWN, sizeof(SETTING_COURIER_UNKNOWN));
	return (struct courier *)(uintptr_t)addr;
}

static const char *copy(char **pos, const char *s)
{
	char *begin = *pos;

	if (!s)
		return NULL;
	*pos += strlen(s) + 1;
	return memcpy(begin, s, strlen(s) + 1);
}

/* All there is to remember; the environment is the program's to change. */
static int remember(const struct settings *s, uint64_t filters)
{
	size_t len = strlen(s->seal) + (s->exclude ? strlen(s->exclude) : 0) + 2;
	struct follow *f = mmap(NULL, sizeof(*f) + len, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *pos = (char *)(f + 1);

	if (f == MAP_FAILED)
		return -errno;
	f->filters = filters;
	f->settings = *s;
	f->settings.seal = copy(&pos, s->seal);
	f->settings.exclude = copy(&pos, s->exclude);
	late_stderr_remember(&f->stderr_then);
	return relro_write(&follow, &f, sizeof(f));
}

static bool cannot(const struct settings *s, const char *reason)
{
	struct line line;

	if (s->best_effort && s->quiet)
		return false;
	line_begin(&line);
	line_text(&line, s->best_effort ? "warning: cannot follow dlopen: " :
					  "cannot follow dlopen: ");
	line_text(&line, reason);
	stderr_write(&line);
	return false;
}

bool follow_start(const struct settings *settings)
{
	static const struct courier told = { on_adding, on_opened, on_closed };
	struct courier *courier = find_courier(settings->courier);
	char buffer[FILTERS_BUFFER_SIZE];
	uint64_t filters, start, end;
	int r;

	if (!courier || !dlmopen)
		return cannot(settings, "the loader has not loaded libmsealctl-audit.so");
	if (filters_count(buffer, &filters) < 0)
		return cannot(settings, "/proc/thread-self/status cannot be read");
	r = remember(settings, filters);
	if (r == 0)
		r = dlerror_find();
	if (r == 0)
		r = initializer_start();
	if (r == 0)
		r = relro_write(courier, &told, sizeof(told));
	/* whether that was selected or not */
	start = page_down((uintptr_t)courier);
	end = page_up((uintptr_t)(courier + 1));
	if (r == 0)
		r = mseal_self(start, end - start, SEAL_ALL);
	return r == 0 || cannot(settings, error_name(r));
}
