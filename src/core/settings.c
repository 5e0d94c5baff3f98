/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "settings.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "mseal.h"
#include "number.h"

enum { TEXT_COUNT = 7, TYPES = TEXT_COUNT, FLAGS, EXECS };

const char *const settings_names[SETTINGS_COUNT] = {
	"MSEALCTL_SHIM_PATH", SETTING_PIN, "MSEALCTL_SHIM_SEAL", "MSEALCTL_SHIM_EXCLUDE",
	"MSEALCTL_SHIM_AUDIT", "MSEALCTL_SHIM_TUNABLE", SETTING_CALLBACKS,
	[TYPES] = "MSEALCTL_SHIM_TYPES",
	[FLAGS] = "MSEALCTL_SHIM_FLAGS",
	[EXECS] = SETTING_EXECS,
};

/* The members that are text, in the same order. */
static const size_t texts[TEXT_COUNT] = {
	offsetof(struct settings, shim), offsetof(struct settings, pin),
	offsetof(struct settings, seal), offsetof(struct settings, exclude),
	offsetof(struct settings, audit), offsetof(struct settings, tunable),
	offsetof(struct settings, callbacks),
};

static const struct {
	char letter;
	size_t offset;
} flags[] = {
	{ 'b', offsetof(struct settings, best_effort) },
	{ 'i', offsetof(struct settings, inherit) },
	{ 'q', offsetof(struct settings, quiet) },
	{ 'v', offsetof(struct settings, verbose) },
	{ 'd', offsetof(struct settings, defaulted) },
};

#define FLAG_COUNT (sizeof(flags) / sizeof(flags[0]))

static const char digits[] = "0123456789abcdef";

static char *variable(struct arena *arena, const char *name, const char *value)
{
	size_t name_len = strlen(name), len = strlen(value);
	char *s = arena_alloc(arena, name_len + len + 2);

	if (!s)
		return NULL;
	memcpy(s, name, name_len);
	s[name_len] = '=';
	memcpy(s + name_len + 1, value, len);
	return s;
}

int settings_encode(const struct settings *s, struct arena *arena,
		    char *ret[SETTINGS_COUNT + 1])
{
	char types[2] = { digits[s->types & SEAL_ALL], '\0' };
	char execs[2] = { s->is_child ? SETTING_IS_CHILD : digits[s->execs_ahead % 10], '\0' };
	char letters[FLAG_COUNT + 1] = "", *next = letters;
	const char *values[SETTINGS_COUNT] = {
		[TYPES] = types, [FLAGS] = letters, [EXECS] = execs,
	};

	for (size_t i = 0; i < FLAG_COUNT; i++)
		if (*(const bool *)((const char *)s + flags[i].offset))
			*next++ = flags[i].letter;
	for (size_t i = 0; i < TEXT_COUNT; i++)
		values[i] = *(const char *const *)((const char *)s + texts[i]);
	for (size_t i = 0; i < SETTINGS_COUNT; i++) {
		if (!values[i])
			continue;
		*ret = variable(arena, settings_names[i], values[i]);
		if (!*ret++)
			return ARENA_FULL;
	}
	*ret = NULL;
	return 0;
}

char *settings_value(char *variable, const char *name)
{
	/* most variables differ in the first letter: the shim asks for each name in turn */
	for (; *name && *variable == *name; name++)
		variable++;
	return *name == '\0' && *variable == '=' ? variable + 1 : NULL;
}

/* VALUE must be one digit of BASE, of which 0 may not be enough. */
static int decode_digit(const char *value, unsigned base, unsigned least, unsigned *ret)
{
	uint64_t number;

	if (!value || number_scan(value, 1, base, &number) != 1 || value[1] || number < least)
		return -EINVAL;
	*ret = (unsigned)number;
	return 0;
}

int settings_decode(char **envp, struct settings *ret)
{
	const char *values[SETTINGS_COUNT] = { NULL };
	struct settings s = { .shim = NULL };
	bool found = false;

	for (; *envp; envp++)
		for (size_t i = 0; i < SETTINGS_COUNT; i++)
			if (!values[i] && (values[i] = settings_value(*envp, settings_names[i])))
				found = true;
	if (!found)
		return -ENOENT;
	s.is_child = values[EXECS] && values[EXECS][0] == SETTING_IS_CHILD;
	for (size_t i = 0; i < TEXT_COUNT; i++)
		*(const char **)((char *)&s + texts[i]) = values[i];
	if (!s.shim || !s.seal || !values[FLAGS] ||
	    decode_digit(values[TYPES], 16, 1, &s.types) < 0 ||
	    (!s.is_child && decode_digit(values[EXECS], 10, 0, &s.execs_ahead) < 0))
		return -EINVAL;
	for (size_t i = 0; i < FLAG_COUNT; i++)
		*(bool *)((char *)&s + flags[i].offset) = strchr(values[FLAGS], flags[i].letter);
	*ret = s;
	return 0;
}
