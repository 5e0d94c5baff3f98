/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "log.h"
#include "nearest.h"
#include "no-tracer.h"
#include "selection-messages.h"
#include "text.h"

static const struct command cmd_help;

static const struct command *const commands[] = {
	&cmd_exec, &cmd_attach, &cmd_show, &cmd_check, &cmd_list, &cmd_probe, &cmd_help,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void print_usage(void)
{
	puts("Usage: msealctl COMMAND [OPTION...] ...\n"
	     "Seal the memory mappings of processes with mseal(2).\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("\nOptions:");
	options_print_help(NULL, stdout);
	puts("\nExamples:\n"
	     "  msealctl exec -- nginx                  start nginx sealed\n"
	     "  msealctl attach --dry-run --name=nginx  what could be sealed where it runs\n"
	     "  msealctl attach --name=nginx            seal it\n"
	     "  msealctl check --name=nginx             is it sealed, and if not, why\n"
	     "\n"
	     "'msealctl help COMMAND' shows the options of a command, the terms of its lists\n"
	     "and its columns; see also msealctl(1).");
}

static void print_command_usage(const struct command *command)
{
	printf("Usage: msealctl %s [OPTION...]%s%s\n%s.\n\nOptions:\n", command->name,
	       *command->arguments ? " " : "", command->arguments, command->summary);
	options_print_help(command, stdout);
	if (command->options & OPTIONS_SELECTION) {
		puts("\nLIST of --seal and --exclude, with commas between them:");
		choice_print_terms(stdout);
	}
	if (command->report) {
		if (command->plain_columns)
			printf("\nColumns (default %s;\nwith --raw, --json and +LIST %s):\n",
			       command->plain_columns, command->columns);
		else
			printf("\nColumns (default %s):\n", command->columns);
		report_list_columns(command->report);
	}
	if (command != &cmd_help)
		printf("\nSee also msealctl-%s(1).\n", command->name);
}

static void print_version(void)
{
	printf(PACKAGE_STRING "\n"
	       "backends: preload%s\n", no_tracer() ? "" : " ptrace");
}

static void log_unknown_command(const char *name)
{
	struct nearest nearest = { .word = name };

	log_error("%s: unknown command", name);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		nearest_offer(&nearest, commands[i]->name);
	nearest_hint(&nearest);
}

/* What to exit with if memory is out, as long as main() has not returned. */
static enum exit_status failure_status;

/* ERROR is -ENOMEM, or has been logged. */
static enum exit_status usage_error(const struct command *command, int error)
{
	if (error == -ENOMEM) {
		log_error("%s", strerror(ENOMEM));
		return failure_status;
	}
	fprintf(stderr, "Try 'msealctl %s%s--help' for more information.\n",
		command ? command->name : "", command ? " " : "");
	return command ? command->usage_status : STATUS_ERROR;
}

static enum exit_status run_help(const struct options *options)
{
	const char *name = options->argument_count > 0 ? options->arguments[0] : NULL;
	const struct command *command = name ? find_command(name) : NULL;

	if (options->argument_count > 1) {
		log_error("help: one COMMAND at a time");
		return STATUS_ERROR;
	}
	if (name && !command) {
		log_unknown_command(name);
		return usage_error(NULL, -EINVAL);
	}
	if (command)
		print_command_usage(command);
	else
		print_usage();
	return STATUS_OK;
}

static const struct command cmd_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "Show the options of a command, the terms of its lists and its columns",
	.options = OPTIONS_HELP,
	.usage_status = STATUS_ERROR,
	.run = run_help,
};

/* popt calls exit(3) with 1 when memory is out, which after exec would be COMMAND's status. */
static void correct_exit(void)
{
	if (failure_status != STATUS_OK)
		_exit(failure_status);
}

static enum exit_status run_command(const struct command *command, int argc, const char **argv)
{
	struct options options;
	enum exit_status status;
	int r = options_parse(&options, command, argc, argv);

	if (r < 0) {
		status = usage_error(command, r);
	} else if (options.help == HELP_USAGE) {
		print_command_usage(command);
		status = STATUS_OK;
	} else if (options.help == HELP_VERSION) {
		print_version();
		status = STATUS_OK;
	} else if (options.list_columns) {
		report_list_columns(command->report);
		status = STATUS_OK;
	} else {
		/* tables need it to measure text; the rest would take thrice as long to load */
		if (command->options & OPTIONS_REPORT)
			text_want_locale();
		log_set_level(options.quiet ? LOG_QUIET :
			      options.verbose ? LOG_VERBOSE : LOG_NORMAL);
		status = command->run(&options);
	}
	options_free(&options);
	return status;
}

static enum exit_status dispatch(int argc, const char **argv)
{
	const struct command *command;
	struct options global;
	enum exit_status status = STATUS_OK;
	int r;

	/* without options before it, a command needs no look at them */
	command = argc > 1 ? find_command(argv[1]) : NULL;
	if (command)
		return run_command(command, argc - 1, argv + 1);
	r = options_parse(&global, NULL, argc, argv);
	if (r < 0) {
		status = usage_error(NULL, r);
	} else if (global.help == HELP_USAGE) {
		print_usage();
	} else if (global.help == HELP_VERSION) {
		print_version();
	} else if (global.argument_count == 0) {
		log_error("no command given");
		status = usage_error(NULL, -EINVAL);
	} else if (!(command = find_command(global.arguments[0]))) {
		log_unknown_command(global.arguments[0]);
		status = usage_error(NULL, -EINVAL);
	} else {
		status = run_command(command, (int)global.argument_count, global.arguments);
	}
	options_free(&global);
	return status;
}

/*
 * Open standard descriptors that are closed, so that nothing else gets their numbers, and with
 * them our output.  Writing there is an error as before: EBADF.
 */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* the lowest number is taken; without /dev, any folder will do */
		if (fcntl(fd, F_GETFD) < 0 && open(_PATH_DEVNULL, O_RDONLY | O_CLOEXEC) < 0)
			open("/", O_PATH | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	enum exit_status status;

	failure_status = command ? command->usage_status : STATUS_ERROR;
	atexit(correct_exit);
	/* COMMAND gets them as they are */
	if (command != &cmd_exec)
		fill_standard_descriptors();
	status = dispatch(argc, (const char **)argv);
	/* a report that did not reach the disk must not look like one that did */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		int first = report_output_error();

		log_error("standard output: cannot write: %s", strerror(first ? first : errno));
		status = failure_status;
	}
	failure_status = STATUS_OK;
	return status;
}
