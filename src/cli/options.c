/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "log.h"
#include "mseal.h"
#include "nearest.h"
#include "number.h"
#include "option-table.h"
#include "select.h"

#define TIMEOUT_DEFAULT_MS 10000

static bool takes(const struct command *command, const struct option_spec *spec)
{
	/* before a command, only --help and --version */
	return spec->group & (command ? command->options : OPTIONS_HELP);
}

static void fill_popt_table(struct poptOption table[OPTIONS_MAX],
			    const struct command *command)
{
	size_t n = 0;

	for (const struct option_spec *s = option_specs; s->name; s++) {
		if (!takes(command, s))
			continue;
		table[n++] = (struct poptOption){
			.longName = s->name,
			.shortName = s->letter,
			.argInfo = s->argument ? POPT_ARG_STRING : POPT_ARG_NONE,
			.val = (int)(s - option_specs) + 1,
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
	for (const struct option_spec *s = option_specs; s->name; s++) {
		const char letter[] = { s->letter, '\0' };

		if (takes(command, s))
			nearest_offer(&nearest, s->name);
		known |= strcmp(word, s->name) == 0 || strcmp(word, letter) == 0;
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
		const struct option_spec *spec = &option_specs[val - 1];
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
	else if (o->report.map && o->report.bytes)
		both = "--map and --bytes";
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
	struct poptOption table[OPTIONS_MAX];
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
	for (const struct option_spec *s = option_specs; s->name; s++) {
		char left[64], letter[8] = "    ";

		if (!takes(command, s))
			continue;
		if (s->letter)
			snprintf(letter, sizeof(letter), "-%c, ", s->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, s->name,
			 s->argument ? "=" : "", s->argument ? s->argument : "");
		fprintf(out, "  %-24s %s", left, s->help);
		if (s->offset == offsetof(struct options, seal) && command)
			fprintf(out, " (default %s)",
				command->seal ? "everything" : SELECT_DEFAULT);
		fputc('\n', out);
	}
}

int options_parse_pid(const char *text, pid_t *ret)
{
	uint64_t pid;
	int r = number_parse(text, 10, INT_MAX, &pid);

	*ret = (pid_t)pid;
	return r < 0 || pid == 0 ? -EINVAL : 0;
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
	for (const struct option_spec *s = option_specs; s->name && (size_t)used < size; s++) {
		const char *value;

		/* --all and --children have no argument, --except has no field of its own */
		if (s->group != OPTIONS_PROCESSES || !s->argument || !s->offset)
			continue;
		value = *(char *const *)((const char *)o + s->offset);
		if (value)
			used += snprintf(buf + used, size - (size_t)used, "%s--%s=%s",
					 used > 0 ? " " : "", s->name, value);
	}
}
