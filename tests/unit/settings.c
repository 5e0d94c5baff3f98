/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* What exec asks of the shim arrives as it was sent, or is refused. */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>

#include "mseal.h"
#include "tap.h"

static const struct settings all = {
	.shim = "/usr/lib/msealctl/a b=c.so", .seal = "text,name:a\\,b=c", .exclude = "text:*",
	.pin = "/proc/self/fd/5", .audit = "/audit.so", .tunable = "glibc.a=1", .callbacks = SETTING_CALLBACKS_UNKNOWN,
	.types = SEAL_ALL, .execs_ahead = 9,
	.best_effort = true, .inherit = true, .quiet = true, .verbose = true, .defaulted = true,
};

/* S in a new environment, behind a variable of the user's. */
static char **sent(const struct settings *s, struct arena *arena)
{
	char **envp;

	*arena = (struct arena)ARENA_INIT;
	if (arena_map(arena, 1 << 16) < 0)
		abort();
	envp = arena_alloc(arena, (SETTINGS_COUNT + 2) * sizeof(*envp));
	envp[0] = arena_strndup(arena, "MSEALCTL_SHIM_PATHS=none", 24);
	is(settings_encode(s, arena, envp + 1), 0, "there is room");
	return envp;
}

static void arrives(const struct settings *s, const char *title)
{
	struct settings got = { .shim = NULL };
	struct arena arena;

	is(settings_decode(sent(s, &arena), &got), 0, "%s: it is read", title);
	is_str(got.shim, s->shim, "%s: shim", title);
	is_str(got.pin, s->pin, "%s: pin", title);
	is_str(got.seal, s->seal, "%s: seal", title);
	is_str(got.exclude, s->exclude, "%s: exclude", title);
	is_str(got.audit, s->audit, "%s: audit", title);
	is_str(got.tunable, s->tunable, "%s: tunable", title);
	is_str(got.callbacks, s->callbacks, "%s: callbacks", title);
	is(got.types, s->types, "%s: types", title);
	is(got.execs_ahead, s->execs_ahead, "%s: execs", title);
	is(got.is_child, s->is_child, "%s: is a child", title);
	is(got.best_effort, s->best_effort, "%s: best effort", title);
	is(got.inherit, s->inherit, "%s: inherit", title);
	is(got.quiet, s->quiet, "%s: quiet", title);
	is(got.verbose, s->verbose, "%s: verbose", title);
	is(got.defaulted, s->defaulted, "%s: defaulted", title);
	arena_unmap(&arena);
}

/* Each member alone: none takes the place of another. */
static void test_round_trip(void)
{
	const struct settings least = { .shim = "", .seal = "", .types = 1 };
	const struct settings alone[] = {
		least,
		{ .shim = "s", .seal = "", .types = SEAL_BASE, .exclude = "x" },
		{ .shim = "", .seal = "l", .types = 1, .audit = "x" },
		{ .shim = "", .seal = "", .types = 1, .pin = "x" },
		{ .shim = "", .seal = "", .types = 1, .tunable = "x" },
		{ .shim = "", .seal = "", .types = 1, .callbacks = "x" },
		{ .shim = "", .seal = "", .types = 1, .execs_ahead = 1 },
		{ .shim = "", .seal = "", .types = 1, .is_child = true },
		{ .shim = "", .seal = "", .types = 1, .best_effort = true },
		{ .shim = "", .seal = "", .types = 1, .inherit = true },
		{ .shim = "", .seal = "", .types = 1, .quiet = true },
		{ .shim = "", .seal = "", .types = 1, .verbose = true },
		{ .shim = "", .seal = "", .types = 1, .defaulted = true },
	};

	arrives(&all, "all");
	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		char title[20];

		snprintf(title, sizeof(title), "alone, %zu", i);
		arrives(&alone[i], title);
	}
}

/* Without one that must be there, or with a bad one, nothing is half understood. */
static void test_damaged(void)
{
	static const char *const bad[] = {
		"MSEALCTL_SHIM_TYPES=", "MSEALCTL_SHIM_TYPES=0", "MSEALCTL_SHIM_TYPES=1f",
		"MSEALCTL_SHIM_TYPES=x", "MSEALCTL_SHIM_EXECS=", "MSEALCTL_SHIM_EXECS=10",
		"MSEALCTL_SHIM_EXECS=a",
	};
	struct settings got;
	struct arena arena;
	char **envp = sent(&all, &arena);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *variable = arena_strndup(&arena, bad[i], strlen(bad[i])), *saved = envp[0];

		/* the first of a name is the one that counts */
		envp[0] = variable;
		is(settings_decode(envp, &got), -EINVAL, "%s", bad[i]);
		envp[0] = saved;
	}
	for (size_t i = 1; envp[i]; i++) {
		char *saved = envp[i];
		bool optional = strstr(saved, "EXCLUDE=") || strstr(saved, "PIN=") || strstr(saved, "AUDIT=") ||
				strstr(saved, "TUNABLE=") || strstr(saved, "CALLBACKS=");

		envp[i] = envp[0];
		is(settings_decode(envp, &got), optional ? 0 : -EINVAL, "without %s", saved);
		envp[i] = saved;
	}
	envp[1] = NULL;
	is(settings_decode(envp, &got), -ENOENT, "without all of them");
	arena_unmap(&arena);
}

static void test_no_room(void)
{
	char *envp[SETTINGS_COUNT + 1];
	struct arena arena = ARENA_INIT;

	if (arena_map(&arena, 1) < 0)
		abort();
	arena_alloc(&arena, arena.size - 100);
	is(settings_encode(&all, &arena, envp), ARENA_FULL, "an arena that is too small");
	arena_unmap(&arena);
}

int main(void)
{
	test_round_trip();
	test_damaged();
	test_no_room();
	return tap_done();
}
