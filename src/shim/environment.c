/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "environment.h"

#include <stddef.h>
#include <string.h>

/* The last variable NAME, which is the one that exec has added: its place in ENVP, or NULL. */
static char **find_last(char **envp, const char *name)
{
	char **last = NULL;

	for (; *envp; envp++)
		if (settings_value(*envp, name))
			last = envp;
	return last;
}

/* Nor does /proc/PID/environ show it: it lies there until the program ends. */
static void remove_last(char **envp, const char *name)
{
	char **variable = find_last(envp, name);

	if (!variable)
		return;
	memset(*variable, 0, strlen(*variable));
	for (; *variable; variable++)
		variable[0] = variable[1];
}

void environment_pass_on(char **envp, const struct settings *settings)
{
	char **variable = find_last(envp, SETTING_EXECS);
	char *execs = settings_value(*variable, SETTING_EXECS);

	if (settings->execs_ahead > 0) {
		--*execs;
		return;
	}
	if (settings->inherit) {
		*execs = SETTING_IS_CHILD;
		return;
	}
	remove_last(envp, "LD_PRELOAD");
	if (settings->audit)
		remove_last(envp, "LD_AUDIT");
	if (settings->tunable)
		remove_last(envp, "GLIBC_TUNABLES");
	/* last: the texts of the settings lie in here */
	for (size_t i = 0; i < SETTINGS_COUNT; i++)
		remove_last(envp, settings_names[i]);
}
