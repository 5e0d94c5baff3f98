/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "shim-environment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A list of ld.so(8) to which an entry of ours is added. */
struct list {
	const char *name;
	const char *variable;	/* what the new one is called */
	const char *entry;	/* NULL: none is added */
	bool again;		/* write the entry twice: ld.so tries again if loading it fails */
	const char *inherited;	/* the entry of the msealctl that we are a child of, or NULL */
	bool united;		/* of several variables, ld.so uses all and not just the last */
};

struct variables {
	char **items;
	size_t count;
};

/*
 * With an auditor, glibc lays out the memory of thread-local variables before it knows the
 * libraries of the program, and those which insist on a place there (jemalloc) have to find
 * room in what is set aside for dlopen(3): 512 bytes, and some 1100 more.  Much more than
 * this would leave too little of a thread's stack that is as small as it may be.
 */
#define TLS_TUNABLE "glibc.rtld.optional_static_tls="
#define TLS_ROOM TLS_TUNABLE "4096"

/* ld.so uses the last of several variables of a name. */
static const char *last_value(const char *name)
{
	const char *value = NULL;

	for (char **e = environ; e && *e; e++) {
		const char *v = settings_value(*e, name);

		value = v ? v : value;
	}
	return value;
}

/* Where ENTRY is in LIST, between separators; or NULL. */
static const char *find_entry(const char *list, const char *entry)
{
	size_t len = strlen(entry);

	for (const char *s = strstr(list, entry); s; s = strstr(s + 1, entry))
		if ((s == list || s[-1] == ':' || s[-1] == ' ') &&
		    (s[len] == '\0' || s[len] == ':' || s[len] == ' '))
			return s;
	return NULL;
}

/* "VARIABLE=BEFORE:ENTRY", less the inherited entry; ld.so does not mind an empty one. */
static char *extend(const struct list *list, const char *before, struct arena *arena)
{
	const char *other = list->inherited ? find_entry(before, list->inherited) : NULL;
	size_t size = strlen(list->variable) + strlen(before) + strlen(list->entry) +
		      strlen(list->entry) + 4;
	char *variable = arena_alloc(arena, size), *end = variable;

	if (!variable)
		return NULL;
	end = stpcpy(stpcpy(end, list->variable), "=");
	if (other) {
		end = mempcpy(end, before, (size_t)(other - before));
		before = other + strlen(list->inherited);
	}
	end = stpcpy(end, before);
	if (end[-1] != '=')
		*end++ = ':';
	end = stpcpy(end, list->entry);
	if (list->again)
		stpcpy(stpcpy(end, ":"), list->entry);
	return variable;
}

static void remove_all(struct variables *v, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->count; i++)
		if (!settings_value(v->items[i], name))
			v->items[kept++] = v->items[i];
	v->count = kept;
}

/*
 * A variable of its own, which the shim removes, beside what the user has; or, for all that
 * inherits it, a single one, as programs that read the environment keep just one.
 */
static int add_list(struct variables *v, const struct list *list, bool single,
		    struct arena *arena)
{
	const char *before = last_value(list->name);
	char *variable;

	if (!before || (list->united && !single))
		before = "";
	variable = extend(list, before, arena);
	if (!variable)
		return ARENA_FULL;
	if (single)
		remove_all(v, list->name);
	v->items[v->count++] = variable;
	return 0;
}

/* Those of the msealctl that we are a child of; all NULL if there is none. */
static struct settings settings_inherited(void)
{
	struct settings s = { .shim = NULL };

	settings_decode(environ, &s);
	return s;
}

static int add_lists(struct variables *v, const struct settings *settings, struct arena *arena)
{
	const struct settings outer = settings_inherited();
	const struct list lists[] = {
		{ "GLIBC_TUNABLES", "GLIBC_TUNABLES", settings->tunable, false,
		  outer.tunable, true },
		{ "LD_AUDIT", "LD_AUDIT", settings->audit, false, outer.audit, true },
		{ "LD_PRELOAD", SETTING_PRELOAD,
		  settings->pin && settings->inherit ? settings->shim : NULL, false,
		  outer.shim, false },
		{ "LD_PRELOAD", "LD_PRELOAD", settings->pin ? settings->pin : settings->shim,
		  settings->pin || !settings->inherit, outer.shim, false },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i].entry)
			r = add_list(v, &lists[i], settings->inherit, arena);
	return r;
}

/* What it takes to follow dlopen(3). */
static struct settings complete(const struct settings *settings)
{
	const char *tunables = getenv("GLIBC_TUNABLES");
	struct settings s = *settings;

	if (s.audit) {
		s.callbacks = SETTING_CALLBACKS_UNKNOWN;
		s.tunable = tunables && strstr(tunables, TLS_TUNABLE) ? NULL : TLS_ROOM;
	}
	return s;
}

int shim_environment_make(const struct settings *settings, struct arena *arena, char ***ret)
{
	const struct settings s = complete(settings);
	struct variables v = { .count = 0 };
	int r;

	while (environ[v.count])
		v.count++;
	/* the settings, the lists, and NULL */
	v.items = arena_alloc(arena, (v.count + SETTINGS_COUNT + 5) * sizeof(*v.items));
	if (!v.items)
		return ARENA_FULL;
	memcpy(v.items, environ, v.count * sizeof(*v.items));
	for (size_t i = 0; i < SETTINGS_COUNT; i++)
		remove_all(&v, settings_names[i]);
	r = settings_encode(&s, arena, v.items + v.count);
	if (r < 0)
		return r;
	while (v.items[v.count])
		v.count++;
	r = add_lists(&v, &s, arena);
	v.items[v.count] = NULL;
	*ret = v.items;
	return r;
}
