/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Seal what the program loads with dlopen(3): the theory is in README.  Each callback runs
 * with the loader's lock held, so there is one at a time.
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
#include "object-rows.h"
#include "page.h"
#include "relro.h"
#include "seal-self.h"
#include "seccomp-filters.h"
#include "settings.h"
#include "stderr.h"

/* musl has neither dlmopen(3) nor LD_AUDIT, so no audit library is present */
#pragma weak dlmopen

/* An object that is mapped and not sealed yet. */
struct object {
	struct link_map *map;	/* NULL: a free slot */
	struct link_map *root;	/* what dlopen(3) was called for; it keeps all that it needs */
	Lmid_t lmid;
	struct init_hook *hook;	/* NULL if there is none, or none any more */
	bool ready;		/* the loader has finished with it */
	bool seen;		/* in the maps */
};

/* Room for far more objects than a program loads at once; unused pages cost nothing. */
RELRO static struct follow {
	struct settings settings;
	uint64_t filters;		/* of seccomp, at the start */
	char buffer[FILTERS_BUFFER_SIZE];
	struct stat stderr_then;
	struct object objects[INIT_HOOKS_MAX];
	size_t count;			/* slots up to the last one in use */
	struct link_map *root;		/* of the load under way */
	struct init_hook *unlocked;	/* removed, but its memory is still writable */
	bool filtered;			/* a filter was added since */
} *volatile follow;

/* What seal_ready() returns beside 0 and -errno. */
enum {
	RELRO_WRITABLE = 1,	/* follow->unlocked has to be locked first */
};

static void free_object(struct object *o)
{
	*o = (struct object){ 0 };
	while (follow->count > 0 && !follow->objects[follow->count - 1].map)
		follow->count--;
}

static bool has_stderr(void)
{
	return late_stderr_is_usable(&follow->stderr_then, follow->filtered);
}

static void warn_of_object(const struct object *o, const char *reason)
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
 * Mark the objects that are ready.  REACHED: the load under way is relocated.  If not, an
 * outer load may go on, whose objects are not.
 */
static void find_ready(const struct regions *regions, bool reached)
{
	for (size_t i = 0; i < follow->count; i++)
		follow->objects[i].ready = true;
	for (size_t i = 0; i < regions->count && !reached; i++) {
		struct object *o = object_of(&regions->items[i]);

		if (o && regions->items[i].blocker != BLOCKER_NONE)
			o->ready = false;
	}
}

/* Keep the regions of objects that are ready. */
static void keep_ready(struct regions *regions)
{
	size_t kept = 0;

	for (size_t i = 0; i < regions->count; i++) {
		struct region *region = &regions->items[i];
		struct object *o = object_of(region);

		if (!o || !o->ready)
			continue;
		o->seen = true;
		region->image->dlopened = DLOPENED_YES;
		regions->items[kept++] = *region;
	}
	regions->count = kept;
	for (size_t i = 0; i < follow->count; i++)
		if (follow->objects[i].ready && !follow->objects[i].seen)
			warn_of_object(&follow->objects[i], "its ELF headers are not understood");
}

/* Is the memory at both PLACES read-only?  -1: not known, or only one of them is. */
static int is_locked(const struct maps *maps, const uint64_t places[2])
{
	const struct vma *a = maps_at(maps, places[0]), *b = maps_at(maps, places[1]);

	if (!a || !b || (a->perms & VMA_WRITE) != (b->perms & VMA_WRITE))
		return -1;
	return !(a->perms & VMA_WRITE);
}

/* A hook that cannot be removed, for want of memory for example, is called later. */
static int remove_hooks(const struct maps *maps)
{
	for (size_t i = 0; i < follow->count; i++) {
		struct object *o = &follow->objects[i];
		struct init_hook *hook = o->hook;
		uint64_t places[2];
		int locked;

		if (!hook || !o->ready)
			continue;
		o->hook = NULL;
		init_hook_places(hook, places);
		locked = is_locked(maps, places);
		if (locked >= 0 && init_hook_remove(hook, locked) == INIT_HOOK_WRITABLE) {
			follow->unlocked = hook;
			return RELRO_WRITABLE;
		}
	}
	return 0;
}

/* Keep the object from ever being unloaded, with all that it needs. */
static bool keep_loaded(const struct object *o)
{
	/* the load under way may be libc's own, for iconv(3), between dlopen() and dlerror() */
	void *message = dlerror_hide();
	/* it is loaded already, so this opens no file and runs no initializer */
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

/* Plan, and keep what is planned from being unloaded, or leave it alone. */
static int plan_ready(void *context, struct plan *ret)
{
	struct seal_self *self = context;
	bool all = true;
	int r = seal_self_plan(self, ret);

	for (size_t i = 0; r == 0 && i < follow->count; i++) {
		struct object *o = &follow->objects[i];

		if (!o->map || !is_planned(ret, o) || keep_loaded(o))
			continue;
		warn_of_object(o, "it cannot be kept from being unloaded");
		drop_regions(&self->regions, o);
		all = false;
	}
	return all ? r : seal_self_plan(self, ret);
}

/* A seal_self_rows_fn. */
static int read_rows(struct maps *maps, struct arena *arena)
{
	struct link_map **objects = arena_alloc(arena, follow->count * sizeof(*objects));
	size_t count = 0;

	if (!objects)
		return ARENA_FULL;
	for (size_t i = 0; i < follow->count; i++)
		if (follow->objects[i].map)
			objects[count++] = follow->objects[i].map;
	/* a filter could end the program for an ioctl(2) */
	return object_rows_read(maps, arena, objects, count, follow->filters == 0);
}

/* A seal_self_fn. */
static int seal_ready(struct seal_self *self, void *context)
{
	const bool *reached = context;
	int r;

	find_ready(&self->regions, *reached);
	keep_ready(&self->regions);
	r = remove_hooks(&self->maps);
	if (r == 0)
		r = seal_self_run(self, plan_ready);
	if (r == 0 && has_stderr())
		seal_self_report(self);
	return r;
}

/* A filter that was added since could end the process for any system call of ours. */
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
 * At the limit of mappings (vm.max_map_count), mprotect(2) may fail to make a page read-only
 * again.  It works once the arena has been unmapped.  Returns as seal_ready().
 */
static int look_and_seal(bool reached)
{
	for (;;) {
		int r = seal_self_look(&follow->settings, read_rows, seal_ready, &reached);
		int locked;

		if (r != RELRO_WRITABLE)
			return r;
		locked = init_hook_lock(follow->unlocked);
		init_hook_forget(follow->unlocked);
		if (locked < 0)
			return r;
	}
}

static void seal_objects(bool reached)
{
	const char *reason = reason_to_refrain();
	int r = reason ? 0 : look_and_seal(reached);

	if (r != 0)
		reason = r == RELRO_WRITABLE ? "its RELRO cannot be made read-only again" :
					       error_name(r);
	for (size_t i = follow->count; i > 0; i--) {
		struct object *o = &follow->objects[i - 1];

		if (!o->map || (!reason && !o->ready))
			continue;
		if (reason)
			warn_of_object(o, reason);
		free_object(o);
	}
}

/* The caller of dlopen(3) must not notice, nor be cancelled here: pthread_cancel(3). */
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
	for (size_t i = 0; i < INIT_HOOKS_MAX; i++)
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
	if (!o || !init_hook_has_room()) {
		warn_of_object(&(struct object){ .map = map }, "too many are loaded at once");
		return;
	}
	*o = (struct object){
		.map = map, .root = follow->root, .lmid = lmid,
		.hook = init_hook_set(map, on_reached),
	};
	if (follow->count <= index)
		follow->count = index + 1;
}

static void on_closed(struct link_map *map)
{
	for (size_t i = follow->count; i > 0; i--) {
		struct object *o = &follow->objects[i - 1];

		/* what stays loaded was also opened by itself */
		if (o->root == map)
			o->root = o->map;
		if (o->map != map)
			continue;
		if (o->hook)
			init_hook_forget(o->hook);
		free_object(o);
	}
}

/* The address that the auditor has left; it is erased, as the program need not know it. */
static struct audit_callbacks *find_callbacks(char *digits)
{
	uint64_t addr;

	if (!digits || strlen(digits) != strlen(SETTING_CALLBACKS_UNKNOWN) ||
	    number_parse(digits, 16, UINTPTR_MAX, &addr) < 0)
		return NULL;
	memcpy(digits, SETTING_CALLBACKS_UNKNOWN, sizeof(SETTING_CALLBACKS_UNKNOWN));
	return (struct audit_callbacks *)(uintptr_t)addr;
}

static const char *copy(char **pos, const char *s)
{
	char *begin = *pos;

	if (!s)
		return NULL;
	*pos += strlen(s) + 1;
	return memcpy(begin, s, strlen(s) + 1);
}

/* Copy the settings: the program may change its environment. */
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

static bool refuse(const struct settings *s, const char *reason)
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
	static const struct audit_callbacks ours = { on_adding, on_opened, on_closed };
	struct audit_callbacks *callbacks = find_callbacks((char *)settings->callbacks);
	char buffer[FILTERS_BUFFER_SIZE];
	uint64_t filters, start, end;
	int r;

	if (!callbacks || !dlmopen)
		return refuse(settings, "the loader has not loaded libmsealctl-audit.so");
	if (filters_count(buffer, &filters) < 0)
		return refuse(settings, "/proc/thread-self/status cannot be read");
	r = remember(settings, filters);
	if (r == 0)
		r = dlerror_find();
	if (r == 0)
		r = init_hook_start();
	if (r == 0)
		r = relro_write(callbacks, &ours, sizeof(ours));
	/* sealed whether it was selected or not */
	start = page_down((uintptr_t)callbacks);
	end = page_up((uintptr_t)(callbacks + 1));
	if (r == 0)
		r = mseal_self(start, end - start, SEAL_ALL);
	return r == 0 || refuse(settings, error_name(r));
}
