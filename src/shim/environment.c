/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "environment.h"

#include <limits.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "number.h"

/*
 * The last variable NAME, which is the one that exec has added, unless it does not end with
 * END: the constructor of a library has set another.  Its place in ENVP, or NULL.
 */
static char **find_last(char **envp, const char *name, const char *end)
{
	size_t len, end_len = strlen(end);
	char **last = NULL;

	for (; *envp; envp++)
		if (settings_value(*envp, name))
			last = envp;
	len = last ? strlen(*last) : 0;
	return last && len >= end_len && strcmp(*last + len - end_len, end) == 0 ? last : NULL;
}

/* From ENVP alone: what lies in memory is what /proc/PID/environ shows. */
static void remove_last(char **envp, const char *name, const char *end)
{
	for (char **v = find_last(envp, name, end); v && *v; v++)
		v[0] = v[1];
}

static void remove_and_erase(char **envp, const char *name, const char *end)
{
	char **place = find_last(envp, name, end), *variable = place ? *place : NULL;

	remove_last(envp, name, end);
	if (variable)
		memset(variable, 0, strlen(variable));
}

/* For debuggers, glibc keeps the list of objects here; musl has no such symbol. */
#pragma weak _r_debug

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* In the list, put the path where the pin is.  The loader has copied the text for itself. */
static void restore_name(const struct settings *s)
{
	for (struct link_map *map = &_r_debug ? _r_debug.r_map : NULL; map; map = map->l_next)
		if (strcmp(map->l_name, s->pin) == 0)
			memcpy(map->l_name, s->shim, strlen(s->shim) + 1);
}

/* A constructor may have closed it and opened another file. */
static bool is_own_file(int fd)
{
	ElfW(Ehdr) header;

	return syscall(SYS_pread64, fd, &header, sizeof(header), 0l) == sizeof(header) &&
	       memcmp(&header, &__ehdr_start, sizeof(header)) == 0;
}

/* What debuggers and the program see of the shim is its path, and no descriptor. */
static void drop_pin(const struct settings *settings)
{
	uint64_t fd;

	if (strlen(settings->pin) < strlen(settings->shim) ||
	    number_parse(strrchr(settings->pin, '/') + 1, 10, INT_MAX, &fd) < 0)
		return;
	restore_name(settings);
	if (is_own_file((int)fd))
		close((int)fd);
}

/* With --inherit: the LD_PRELOAD for the children takes the place of this one. */
static void put_preload(char **envp, const char *entry)
{
	char **variable = find_last(envp, SETTING_PRELOAD, "");

	if (!variable)
		return;
	remove_last(envp, "LD_PRELOAD", entry);
	variable = find_last(envp, SETTING_PRELOAD, "");
	*variable += strlen(SETTING_PREFIX);
}

void environment_pass_on(char **envp, const struct settings *settings)
{
	char **variable = find_last(envp, SETTING_EXECS, "");
	char *execs = settings_value(*variable, SETTING_EXECS);
	const char *entry = settings->pin ? settings->pin : settings->shim;

	if (settings->execs_ahead > 0) {
		--*execs;
		return;
	}
	if (settings->pin)
		drop_pin(settings);
	if (settings->inherit) {
		*execs = SETTING_IS_CHILD;
		put_preload(envp, entry);
		remove_last(envp, SETTING_PIN, "");
		return;
	}
	remove_and_erase(envp, "LD_PRELOAD", entry);
	if (settings->audit)
		remove_and_erase(envp, "LD_AUDIT", settings->audit);
	if (settings->tunable)
		remove_and_erase(envp, "GLIBC_TUNABLES", settings->tunable);
	/* last: the texts of the settings lie in here */
	for (size_t i = 0; i < SETTINGS_COUNT; i++)
		remove_and_erase(envp, settings_names[i], "");
}
