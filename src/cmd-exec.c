/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * msealctl exec: become COMMAND, with the shim in LD_PRELOAD.  The other steps
 * (maps and ELF images, selection, plan, mseal, proof) are the shim's, in
 * shim/shim.c, before COMMAND's own code runs.
 */
#include <errno.h>
#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "command.h"
#include "log.h"
#include "preflight.h"
#include "preload.h"
#include "choice.h"
#include "support.h"

static void log_shim_error(const struct shim *shim, int error)
{
	switch (error) {
	case -EINVAL:
		log_error("%s: cannot preload the shim: ld.so would split the path at a space "
			  "or colon", shim->path);
		break;
	case -EPERM:
		log_error("%s: cannot preload the shim: its file system is mounted noexec",
			  shim->path);
		break;
	case -ENOEXEC:
		log_error("%s: cannot preload the shim: it is no shared object", shim->path);
		break;
	default:
		log_error("%s: cannot preload the shim: %s", shim->path, strerror(-error));
		break;
	}
}

/* Replace ourselves; returns only to say why that failed. */
static enum exit_status become(const struct preflight *flight, const char **arguments,
			       size_t count)
{
	int error;

	if (flight->by_shell) {
		cleanup_free char **argv = calloc(count + 2, sizeof(*argv));

		if (!argv) {
			log_error("%s: %s", flight->path, strerror(ENOMEM));
			return STATUS_EXEC_FAILED;
		}
		argv[0] = (char *)_PATH_BSHELL;
		argv[1] = (char *)flight->path;
		memcpy(argv + 2, arguments + 1, (count - 1) * sizeof(*argv));
		execv(_PATH_BSHELL, argv);
		error = errno;
	} else {
		execv(flight->path, (char **)arguments);
		error = errno;
	}
	log_error("%s: cannot run: %s", flight->path, strerror(error));
	return error == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

/* Check everything that can be known before; returns STATUS_OK, 125, 126 or 127. */
static enum exit_status prepare(const struct options *options, struct preflight *flight)
{
	bool strict = !options->best_effort;
	struct choice choice;
	struct shim shim;
	int r;

	/* only to refuse a bad list here and not in the middle of the program's start */
	if (choice_parse(&choice, options) < 0)
		return STATUS_EXEC_FAILED;
	choice_free(&choice);
	if (strict && support_require(options->types) != STATUS_OK)
		return STATUS_EXEC_FAILED;
	r = preload_find_shim(&shim);
	if (r < 0) {
		log_shim_error(&shim, r);
		return STATUS_EXEC_FAILED;
	}
	preflight_check(flight, options->arguments[0], &shim);
	if (flight->status == STATUS_EXEC_FAILED && !strict) {
		log_warning("%s: runs unsealed: %s", flight->object, flight->reason);
		return STATUS_OK;
	}
	if (flight->status != STATUS_OK) {
		log_error("%s: cannot %s: %s", flight->object,
			  flight->status == STATUS_EXEC_FAILED ? "seal" : "run", flight->reason);
		if (flight->hint[0])
			log_hint("%s", flight->hint);
		return flight->status;
	}
	r = preload_set_environment(&shim, options, flight->hops);
	if (r < 0)
		log_error("cannot set the environment: %s", strerror(-r));
	return r < 0 ? STATUS_EXEC_FAILED : STATUS_OK;
}

static enum exit_status run_exec(const struct options *options)
{
	struct preflight flight;
	enum exit_status status;

	if (options->argument_count == 0) {
		log_error("exec: no command given");
		return STATUS_EXEC_FAILED;
	}
	status = prepare(options, &flight);
	if (status != STATUS_OK)
		return status;
	return become(&flight, options->arguments, options->argument_count);
}

const struct command cmd_exec = {
	.name = "exec",
	.arguments = "[--] COMMAND [ARGUMENT...]",
	.summary = "Become COMMAND, sealed before its own code runs",
	.options = OPTIONS_COMMON | OPTIONS_SELECTION | OPTIONS_TYPES | OPTIONS_EXEC,
	.usage_status = STATUS_EXEC_FAILED,
	.run = run_exec,
};
