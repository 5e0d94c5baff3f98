/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <popt.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "log.h"
#include "mseal.h"
#include "nearest.h"
#include "number.h"
#include "select.h"

#define TIMEOUT_DEFAULT_MS 10000
#define TIMEOUT_MAX_S 86400

struct option_spec;

/* Store the argument of an option, or NULL if it has none.  Returns -EINVAL after an error. */
typedef int option_setter(struct options *o, const struct option_spec *spec, char *value);

/* All options of all commands: parsing, help and conflicts come from this table. */
struct option_spec {
	const char *name;
	char letter;
	const char *argument;	/* its name in the help; NULL for a switch */
	const char *help;
	unsigned group;
	size_t offset;		/* of the field that the setter fills in */
	option_setter *set;
};

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

int options_parse_pid(const char *text, pid_t *ret)
{
	uint64_t pid;
	int r = number_parse(text, 10, INT_MAX, &pid);

	*ret = (pid_t)pid;
	return r < 0 || pid == 0 ? -EINVAL : 0;
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
		log_error("--%s: not a number of seconds between 0.001 and %d", spec->name,
			  TIMEOUT_MAX_S);
		return -EINVAL;
	}
	o->timeout_ms = seconds * 1000 + ms;
	return 0;
}

#define FIELD(member) offsetof(struct options, member)

static const struct option_spec specs[] = {
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
};

#define SPEC_COUNT (sizeof(specs) / sizeof(specs[0]))

static bool takes(const struct command *command, const struct option_spec *spec)
{
	/* before a command, only --help and --version */
	if (!command)
		return spec->set == set_help;
	return command->options & spec->group;
}

static void fill_popt_table(struct poptOption table[SPEC_COUNT + 1],
			    const struct command *command)
{
	size_t n = 0;

	for (size_t i = 0; i < SPEC_COUNT; i++) {
		if (!takes(command, &specs[i]))
			continue;
		table[n++] = (struct poptOption){
			.longName = specs[i].name,
			.shortName = specs[i].letter,
			.argInfo = specs[i].argument ? POPT_ARG_STRING : POPT_ARG_NONE,
			.val = (int)i + 1,
		};
	}
	table[n] = (struct poptOption)POPT_TABLEEND;
}

/* BAD is no option of COMMAND: which one may have been meant? */
static void hint_option(const struct command *command, const char *bad)
{
	char word[32];
	struct nearest nearest = { .word = word };
	bool known = false;

	bad += strspn(bad, "-");
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(bad, "="), bad);
	for (size_t i = 0; i < SPEC_COUNT; i++) {
		const char letter[] = { specs[i].letter, '\0' };

		if (takes(command, &specs[i]))
			nearest_offer(&nearest, specs[i].name);
		known |= strcmp(word, specs[i].name) == 0 || strcmp(word, letter) == 0;
	}
	if (!command && known)
		log_hint("the options of a command come after its name");
	else if (nearest.best)
		log_hint("did you mean '--%s'?", nearest.best);
}

static int store_options(struct options *o, const struct command *command, poptContext popt)
{
	int val;

	while ((val = poptGetNextOpt(popt)) > 0) {
		const struct option_spec *spec = &specs[val - 1];
		char *value = poptGetOptArg(popt);
		/* popt copies arguments, and has no error for a copy that fails */
		int r = spec->argument && !value ? -ENOMEM : spec->set(o, spec, value);

		free(value);
		if (r < 0)
			return r;
	}
	if (val < -1) {
		const char *bad = poptBadOption(popt, POPT_BADOPTION_NOALIAS);

		log_error("%s: %s", bad, poptStrerror(val));
		if (val == POPT_ERROR_BADOPT)
			hint_option(command, bad);
		return -EINVAL;
	}
	return 0;
}

/* The option because of which a report is not plain. */
static const char *format_option(const struct report_options *o)
{
	if (o->columns || o->all_columns)
		return o->columns ? "--output" : "--output-all";
	return o->raw ? "--raw" : "--json";
}

static int check_conflicts(const struct options *o)
{
	const char *both = NULL;
	char text[64];

	if (o->verbose && o->quiet)
		both = "--verbose and --quiet";
	else if (o->report.raw && o->report.json)
		both = "--raw and --json";
	else if (o->report.columns && o->report.all_columns)
		both = "--output and --output-all";
	else if (o->report.summary && (o->verbose || o->report.map))
		both = o->verbose ? "--summary and --verbose" : "--summary and --map";
	else if (o->follow_dlopen && o->via == VIA_PTRACE)
		both = "--follow-dlopen and --via=ptrace";
	else if ((o->report.summary || o->report.map) && !report_is_plain(&o->report)) {
		snprintf(text, sizeof(text), "%s and %s", o->report.map ? "--map" : "--summary",
			 format_option(&o->report));
		both = text;
	}
	if (!both)
		return 0;
	log_error("%s do not go together", both);
	return -EINVAL;
}

int options_parse(struct options *ret, const struct command *command, int argc,
		  const char **argv)
{
	bool has_pids = command && !(command->options & OPTIONS_EXEC);
	struct poptOption table[SPEC_COUNT + 1];
	poptContext popt;
	int r;

	*ret = (struct options){ .types = SEAL_ALL, .timeout_ms = TIMEOUT_DEFAULT_MS };
	fill_popt_table(table, command);
	/*
	 * POSIXMEHARDER: options after COMMAND belong to it.  KEEP_FIRST: so there is always an
	 * argument, and to have none can only mean that popt found no memory for them.
	 */
	popt = poptGetContext("msealctl", argc, argv, table,
			      has_pids ? POPT_CONTEXT_KEEP_FIRST : POPT_CONTEXT_POSIXMEHARDER);
	if (!popt)
		return -ENOMEM;
	ret->popt = popt;
	r = store_options(ret, command, popt);
	if (r == 0 && ret->help == HELP_NONE)
		r = check_conflicts(ret);
	ret->arguments = poptGetArgs(popt);
	if (r == 0 && has_pids && !ret->arguments)
		return -ENOMEM;
	if (has_pids && ret->arguments)
		ret->arguments++;
	while (ret->arguments && ret->arguments[ret->argument_count])
		ret->argument_count++;
	return r;
}

void options_free(struct options *o)
{
	free(o->seal);
	free(o->exclude);
	free(o->report.columns);
	free(o->report.sort);
	free(o->filter.name);
	free(o->filter.exe);
	free(o->filter.user);
	free(o->filter.unit);
	free(o->filter.cgroup);
	pids_free(&o->filter.except);
	if (o->popt)
		poptFreeContext(o->popt);
	*o = (struct options){ 0 };
}

void options_print_help(const struct command *command, FILE *out)
{
	for (size_t i = 0; i < SPEC_COUNT; i++) {
		const struct option_spec *s = &specs[i];
		char left[64], letter[8] = "    ";

		if (!takes(command, s))
			continue;
		if (s->letter)
			snprintf(letter, sizeof(letter), "-%c, ", s->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, s->name,
			 s->argument ? "=" : "", s->argument ? s->argument : "");
		fprintf(out, "  %-24s %s", left, s->help);
		if (s->offset == FIELD(seal) && command)
			fprintf(out, " (default %s)",
				command->seal ? "everything" : SELECT_DEFAULT);
		fputc('\n', out);
	}
}

int options_no_arguments(const struct options *o, const struct command *command)
{
	if (o->argument_count == 0)
		return 0;
	log_error("%s: unexpected argument '%s'", command->name, o->arguments[0]);
	return -EINVAL;
}

void options_describe_filter(const struct options *o, char *buf, size_t size)
{
	int used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < SPEC_COUNT && used >= 0 && (size_t)used < size; i++) {
		const struct option_spec *s = &specs[i];
		const char *value;

		if (s->group != OPTIONS_PROCESSES || (s->set != set_glob && s->set != set_user))
			continue;
		value = *(char *const *)((const char *)o + s->offset);
		if (value)
			used += snprintf(buf + used, size - (size_t)used, "%s--%s=%s",
					 used > 0 ? " " : "", s->name, value);
	}
}
