/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "option-table.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "log.h"
#include "mseal.h"
#include "number.h"

#define TIMEOUT_MAX_S 86400

static int set_flag(struct options *o, const struct option_spec *spec, char *value)
{
	(void)value;
	*(bool *)((char *)o + spec->offset) = true;
	return 0;
}

static int set_string(struct options *o, const struct option_spec *spec, char *value)
{
	char **field = (char **)((char *)o + spec->offset);

	free(*field);
	*field = strdup(value);
	return *field ? 0 : -ENOMEM;
}

/* Two globs may mean both or either. */
static int set_glob(struct options *o, const struct option_spec *spec, char *value)
{
	char **field = (char **)((char *)o + spec->offset);

	if (*field || !value[0]) {
		log_error("--%s: %s", spec->name, *field ? "given twice" : "empty");
		return -EINVAL;
	}
	return set_string(o, spec, value);
}

/* As chown(1): a name first, which may be made of digits. */
static int set_user(struct options *o, const struct option_spec *spec, char *value)
{
	const struct passwd *user = getpwnam(value);
	uint64_t uid = 0;
	int r = set_glob(o, spec, value);

	if (r < 0)
		return r;
	if (!user && number_parse(value, 10, UINT32_MAX - 1, &uid) < 0) {
		log_error("--%s: there is no user '%s'", spec->name, value);
		return -EINVAL;
	}
	o->filter.uid = user ? user->pw_uid : (uid_t)uid;
	return 0;
}

static int add_except(struct options *o, const struct option_spec *spec, char *value)
{
	struct pids *except = &o->filter.except;
	pid_t pid;

	if (options_parse_pid(value, &pid) < 0) {
		log_error("--%s: %s: not a PID", spec->name, value);
		return -EINVAL;
	}
	return pids_append(except, pid);
}

/* A list given twice adds up: an --exclude that is lost would seal what cannot be unsealed. */
static int add_to_list(struct options *o, const struct option_spec *spec, char *value)
{
	char **field = (char **)((char *)o + spec->offset);
	char *joined;

	if (!*field)
		return set_string(o, spec, value);
	if (asprintf(&joined, "%s,%s", *field, value) < 0)
		return -ENOMEM;
	free(*field);
	*field = joined;
	return 0;
}

static int set_help(struct options *o, const struct option_spec *spec, char *value)
{
	(void)value;
	if (o->help == HELP_NONE)
		o->help = spec->letter == 'h' ? HELP_USAGE : HELP_VERSION;
	return 0;
}

static int bad_value(const struct option_spec *spec, const char *value, const char *known)
{
	log_error("--%s: '%s' is not known: use %s", spec->name, value, known);
	return -EINVAL;
}

static int set_types(struct options *o, const struct option_spec *spec, char *value)
{
	char *rest = value, *word;

	o->types = 0;
	while ((word = strsep(&rest, ","))) {
		const struct seal_type_name *t = seal_type_names;

		while (t->name && strcmp(t->name, word) != 0)
			t++;
		if (!t->name && strcmp(word, "all") != 0)
			return bad_value(spec, word, "base, prot-pkey, discard, seal or all");
		o->types |= t->name ? t->type : SEAL_ALL;
	}
	return 0;
}

/* The index of VALUE among COUNT words, or -EINVAL after an error. */
static int find_word(const struct option_spec *spec, const char *value,
		     const char *const words[], size_t count, const char *known)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(value, words[i]) == 0)
			return (int)i;
	return bad_value(spec, value, known);
}

static int set_color(struct options *o, const struct option_spec *spec, char *value)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never",
	};
	int word = find_word(spec, value, words, 3, "auto, always or never");

	o->report.color = word < 0 ? COLOR_AUTO : (enum color_mode)word;
	return word < 0 ? word : 0;
}

static int set_via(struct options *o, const struct option_spec *spec, char *value)
{
	static const char *const words[] = {
		[VIA_AUTO] = "auto", [VIA_PRELOAD] = "preload", [VIA_PTRACE] = "ptrace",
	};
	int word = find_word(spec, value, words, 3, "auto, preload or ptrace");

	o->via = word < 0 ? VIA_AUTO : (enum exec_via)word;
	return word < 0 ? word : 0;
}

static int add_states(struct options *o, const struct option_spec *spec, char *value)
{
	char *rest = value, *word;

	while ((word = strsep(&rest, ","))) {
		int state = find_word(spec, word, state_names, STATE_COUNT,
				      "full, partial, none or unreadable");

		if (state < 0)
			return state;
		o->states |= 1u << state;
	}
	return 0;
}

const char *const state_names[STATE_COUNT] = {
	[STATE_FULL] = "full", [STATE_PARTIAL] = "partial", [STATE_NONE] = "none",
	[STATE_UNREADABLE] = "unreadable",
};

/* Seconds, with an optional decimal fraction: no sign, no exponent, not zero. */
static int set_timeout(struct options *o, const struct option_spec *spec, char *value)
{
	char *fraction = value;
	uint64_t seconds, ms = 0;
	const char *whole = strsep(&fraction, ".");
	bool ok = number_parse(whole, 10, TIMEOUT_MAX_S, &seconds) == 0;

	if (ok && fraction) {
		char digits[4] = "000";

		ok = *fraction && strspn(fraction, "0123456789") == strlen(fraction);
		for (size_t i = 0; ok && i < 3 && fraction[i]; i++)
			digits[i] = fraction[i];
		ok = ok && number_parse(digits, 10, 999, &ms) == 0;
	}
	if (!ok || seconds * 1000 + ms == 0) {
		log_error("--%s: not a number of seconds between 0.001 and %d, as 10 or 0.5",
			  spec->name, TIMEOUT_MAX_S);
		return -EINVAL;
	}
	o->timeout_ms = seconds * 1000 + ms;
	return 0;
}

#define FIELD(member) offsetof(struct options, member)

const struct option_spec option_specs[] = {
	{ "seal", 0, "LIST", "regions to select",
	  OPTIONS_SELECTION, FIELD(seal), add_to_list },
	{ "exclude", 0, "LIST", "regions to leave out",
	  OPTIONS_SELECTION, FIELD(exclude), add_to_list },
	{ "name", 0, "GLOB", "processes whose command or executable has this name",
	  OPTIONS_PROCESSES, FIELD(filter.name), set_glob },
	{ "exe", 0, "GLOB", "processes that run this file",
	  OPTIONS_PROCESSES, FIELD(filter.exe), set_glob },
	{ "user", 0, "USER", "processes of this user, a name or a number",
	  OPTIONS_PROCESSES, FIELD(filter.user), set_user },
	{ "unit", 0, "GLOB", "processes of this systemd unit",
	  OPTIONS_PROCESSES, FIELD(filter.unit), set_glob },
	{ "cgroup", 0, "GLOB", "processes in this cgroup and those below",
	  OPTIONS_PROCESSES, FIELD(filter.cgroup), set_glob },
	{ "all", 0, NULL, "all processes",
	  OPTIONS_PROCESSES, FIELD(filter.all), set_flag },
	{ "children", 0, NULL, "and all processes that descend from these",
	  OPTIONS_PROCESSES, FIELD(filter.children), set_flag },
	{ "except", 0, "PID", "but not this process",
	  OPTIONS_PROCESSES, 0, add_except },
	{ "types", 0, "LIST", "base, prot-pkey, discard, seal, or all (default)",
	  OPTIONS_TYPES, 0, set_types },
	{ "via", 0, "WAY", "how to get into it: auto (default), preload, ptrace",
	  OPTIONS_EXEC, 0, set_via },
	{ "best-effort", 0, NULL, "run the program even if something could not be sealed",
	  OPTIONS_EXEC, FIELD(best_effort), set_flag },
	{ "inherit", 0, NULL, "seal the programs that it executes in the same way",
	  OPTIONS_EXEC, FIELD(inherit), set_flag },
	{ "follow-dlopen", 0, NULL, "also seal the objects that it loads later",
	  OPTIONS_EXEC, FIELD(follow_dlopen), set_flag },
	{ "dry-run", 0, NULL, "show what would be sealed and do nothing",
	  OPTIONS_ATTACH | OPTIONS_EXEC, FIELD(dry_run), set_flag },
	{ "timeout", 0, "SECONDS", "give up on a process that does not stop (default 10)",
	  OPTIONS_ATTACH, 0, set_timeout },
	{ "output", 'o', "LIST", "columns to show; +LIST adds to the default ones",
	  OPTIONS_REPORT, FIELD(report.columns), set_string },
	{ "output-all", 0, NULL, "show every column",
	  OPTIONS_REPORT, FIELD(report.all_columns), set_flag },
	{ "noheadings", 'n', NULL, "leave out the heading line",
	  OPTIONS_REPORT, FIELD(report.no_headings), set_flag },
	{ "raw", 'r', NULL, "raw output for scripts, not aligned",
	  OPTIONS_REPORT, FIELD(report.raw), set_flag },
	{ "json", 'J', NULL, "JSON output",
	  OPTIONS_REPORT, FIELD(report.json), set_flag },
	{ "bytes", 'b', NULL, "sizes in bytes",
	  OPTIONS_REPORT, FIELD(report.bytes), set_flag },
	{ "summary", 0, NULL, "one line a process, the totals",
	  OPTIONS_TOTALS, FIELD(report.summary), set_flag },
	{ "map", 0, NULL, "draw what is sealed, and what is open",
	  OPTIONS_MAP, FIELD(report.map), set_flag },
	{ "notruncate", 0, NULL, "rows longer than the terminal is wide",
	  OPTIONS_REPORT, FIELD(report.no_truncate), set_flag },
	{ "sort", 0, "COLUMN", "order by it, or by -COLUMN from the last to the first",
	  OPTIONS_LIST, FIELD(report.sort), set_string },
	{ "state", 0, "LIST", "only those full, partial, none or unreadable",
	  OPTIONS_LIST, 0, add_states },
	{ "list-columns", 'H', NULL, "list the columns and exit",
	  OPTIONS_REPORT, FIELD(list_columns), set_flag },
	{ "color", 0, "WHEN", "colour the results: auto (default), always, never",
	  OPTIONS_REPORT, 0, set_color },
	{ "verbose", 'v', NULL, "say more", OPTIONS_COMMON, FIELD(verbose), set_flag },
	{ "quiet", 'q', NULL, "say nothing but errors", OPTIONS_COMMON, FIELD(quiet), set_flag },
	{ "help", 'h', NULL, "show this help and exit", OPTIONS_COMMON | OPTIONS_HELP, 0,
	  set_help },
	{ "version", 'V', NULL, "show the version and exit", OPTIONS_COMMON | OPTIONS_HELP, 0,
	  set_help },
	{ 0 },
};

_Static_assert(sizeof(option_specs) / sizeof(option_specs[0]) <= OPTIONS_MAX, "OPTIONS_MAX");
