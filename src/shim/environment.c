/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "environment.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "mseal.h"
#include "number.h"
#include "settings.h"

static const char *const ours[] = {
	SETTING_SHIM, SETTING_SEAL, SETTING_EXCLUDE, SETTING_TYPES, SETTING_FLAGS,
	SETTING_HOPS, SETTING_AUDIT, SETTING_TUNABLE, SETTING_COURIER,
};

/* Lists of ld.so(8) to which we have added an entry, and the variable that has a copy of it. */
static const struct {
	const char *list, *entry, *separators;
} entries[] = {
	{ "LD_PRELOAD", SETTING_SHIM, " :" },
	{ "LD_AUDIT", SETTING_AUDIT, ":" },
	{ "GLIBC_TUNABLES", SETTING_TUNABLE, ":" },
};

/* The place of variable NAME in ENVP, or NULL. */
static char **find_variable(char **envp, const char *name)
{
	size_t len = strlen(name);

	for (; *envp; envp++)
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return envp;
	return NULL;
}

static char *value_of(char **envp, const char *name)
{
	char **variable = find_variable(envp, name);

	return variable ? *variable + strlen(name) + 1 : NULL;
}

static void remove_variable(char **envp, const char *name)
{
	char **variable = find_variable(envp, name);

	for (; variable && *variable; variable++)
		variable[0] = variable[1];
}

static bool has_settings(char **envp)
{
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (find_variable(envp, ours[i]))
			return true;
	return false;
}

int environment_read(char **envp, struct settings *ret)
{
	const char *types = value_of(envp, SETTING_TYPES);
	const char *flags = value_of(envp, SETTING_FLAGS);
	struct settings s = {
		.shim = value_of(envp, SETTING_SHIM),
		.seal = value_of(envp, SETTING_SEAL),
		.exclude = value_of(envp, SETTING_EXCLUDE),
		.courier = value_of(envp, SETTING_COURIER),
	};
	uint64_t bits;

	if (!has_settings(envp))
		return -ENOENT;
	if (!s.shim || !s.seal || !types || !flags ||
	    number_scan(types, 1, 16, &bits) != 1 || types[1] || bits == 0)
		return -EINVAL;
	s.types = (unsigned)bits;
	s.best_effort = strchr(flags, FLAG_BEST_EFFORT);
	s.inherit = strchr(flags, FLAG_INHERIT);
	s.quiet = strchr(flags, FLAG_QUIET);
	s.verbose = strchr(flags, FLAG_VERBOSE);
	s.defaulted = strchr(flags, FLAG_DEFAULTED);
	s.follow = strchr(flags, FLAG_FOLLOW);
	*ret = s;
	return 0;
}

/*
 * Cut ENTRY and the separator before it (behind it, if it is the first) out of
 * LIST, where SEPARATORS separate.  Returns false if nothing else was in the list.
 */
static bool cut_entry(char *list, const char *entry, const char *separators)
{
	size_t len = strlen(entry);
	char *s = list;

	while (*s) {
		size_t n = 0;

		/* strcspn(3) takes longer to be paged in than all of this takes */
		while (s[n] && !strchr(separators, s[n]))
			n++;
		if (n == len && memcmp(s, entry, n) == 0) {
			bool first = s == list, last = s[n] == '\0';

			if (first && last)
				return false;
			if (first)
				memmove(s, s + n + 1, strlen(s + n + 1) + 1);
			else
				memmove(s - 1, s + n, strlen(s + n) + 1);
			return true;
		}
		s += n;
		s += *s != '\0';
	}
	return true;
}

static void remove_entry(char **envp, const char *name, const char *entry,
			 const char *separators)
{
	char *list = value_of(envp, name);

	if (list && entry && !cut_entry(list, entry, separators))
		remove_variable(envp, name);
}

void environment_clean(char **envp)
{
	char *hops = value_of(envp, SETTING_HOPS);

	if (hops && *hops > '0' && *hops <= '9') {
		--*hops;
		return;
	}
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		remove_entry(envp, entries[i].list, value_of(envp, entries[i].entry),
			     entries[i].separators);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		remove_variable(envp, ours[i]);
}
