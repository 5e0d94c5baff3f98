/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * msealctl exec: become COMMAND, with the shim in LD_PRELOAD where its loader is sure
 * to load it, or else traced by an escort.  The other steps (maps and ELF images,
 * selection, plan, mseal, proof) are the shim's, in shim/shim.c, or the escort's, in
 * startup-seal.c, before COMMAND's own code runs.
 */
#include <errno.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "command.h"
#include "log.h"
#include "mseal-support.h"
#include "preflight.h"
#include "preload.h"
#include "privileges.h"
#include "selection-messages.h"
#include "tracer-process.h"

/* The shim is of no use, whatever the program. */
static void note_shim_error(struct preflight *flight, const struct shim *shim, int error)
{
	char reason[sizeof(flight->reason)];

	snprintf(reason, sizeof(reason), "the shim %s cannot be preloaded: %s", shim->path,
		 preload_error_reason(error));
	preflight_set_fate(flight, SHIM_IGNORED, flight->path, reason, "");
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

/* All that is known before COMMAND is run. */
struct launch {
	const struct options *options;
	struct choice choice;
	enum exec_via via;	/* what VIA_AUTO has become */
	int shim_error;
	struct shim shim;
	struct preflight flight;
};

/* "OBJECT: cannot seal: REASON", and the status for it; but only a warning if asked for that. */
static enum exit_status no_way(const struct launch *l, const char *beyond, const char *why,
			       const char *hint)
{
	const struct preflight *flight = &l->flight;

	if (l->options->best_effort) {
		log_warning("%s: runs unsealed: %s%s%s", flight->object, flight->reason, beyond,
			    why);
		return STATUS_OK;
	}
	log_error("%s: cannot seal: %s%s%s", flight->object, flight->reason, beyond, why);
	if (hint[0])
		log_hint("%s", hint);
	return STATUS_EXEC_FAILED;
}

/*
 * Start the escort.  *RET_TRACED tells whether it traces us: it may not with
 * --best-effort, and then the shim is tried, if there is any hope in it.
 */
static enum exit_status start_escort(struct launch *l, bool *ret_traced)
{
	struct preflight *flight = &l->flight;
	cleanup_free char *shim = l->via == VIA_PRELOAD ? realpath(l->shim.path, NULL) : NULL;
	struct escort escort = {
		.options = l->options, .choice = &l->choice, .object = flight->path,
		.hops = flight->hops, .shim = shim,
	};
	struct diagnosis why;

	*ret_traced = escort_start(&escort, &why) == 0;
	if (*ret_traced)
		return STATUS_OK;
	if (flight->fate == SHIM_LOADED)
		snprintf(flight->object, sizeof(flight->object), "%s", flight->path);
	return no_way(l, flight->reason[0] ? "; and it cannot be traced: " :
					     "it cannot be traced: ", why.reason, why.hint);
}

/* Only the shim can get into the programs that COMMAND executes. */
static enum exit_status no_children(const struct launch *l)
{
	const char *why = preload_error_reason(l->shim_error);

	if (l->options->best_effort) {
		log_warning("%s: what it executes stays unsealed: the shim %s cannot be "
			    "preloaded: %s", l->flight.path, l->shim.path, why);
		return STATUS_OK;
	}
	log_error("%s: cannot seal what it executes: the shim %s cannot be preloaded: %s",
		  l->flight.path, l->shim.path, why);
	return STATUS_EXEC_FAILED;
}

/* Only the shim, with the auditor's help, can see to what is loaded later. */
static enum exit_status prepare_to_follow(struct launch *l)
{
	const struct preflight *flight = &l->flight;
	int r = flight->fate == SHIM_IGNORED ? 0 : preload_find_audit(&l->shim);
	char why[sizeof(flight->reason)];

	if (l->shim.audit) {
		l->via = VIA_PRELOAD;
		return STATUS_OK;
	}
	if (r < 0)
		snprintf(why, sizeof(why), "its auditor, libmsealctl-audit.so, cannot be loaded: %s",
			 preload_error_reason(r));
	else
		snprintf(why, sizeof(why), "%s", flight->reason);
	if (l->options->best_effort) {
		log_warning("%s: what it loads later stays unsealed: %s", flight->path, why);
		return STATUS_OK;
	}
	log_error("%s: cannot follow dlopen: %s", flight->path, why);
	return STATUS_EXEC_FAILED;
}

/* Choose the way, and get ready for it; returns STATUS_OK or 125. */
static enum exit_status prepare_way(struct launch *l)
{
	struct preflight *flight = &l->flight;
	enum exit_status status = STATUS_OK;
	bool preload, traced = false;
	int r = 0;

	if (l->shim_error)
		note_shim_error(flight, &l->shim, l->shim_error);
	if (l->options->inherit && l->shim_error)
		status = no_children(l);
	if (status == STATUS_OK && l->options->follow_dlopen)
		status = prepare_to_follow(l);
	if (status != STATUS_OK)
		return status;
	if (l->via == VIA_AUTO)
		l->via = flight->fate == SHIM_LOADED ? VIA_PRELOAD : VIA_PTRACE;
	if (l->via == VIA_PRELOAD && flight->fate == SHIM_IGNORED)
		return no_way(l, "", "", flight->hint);
	/* cap_bprm_creds_from_file(), security/commoncap.c */
	if (l->via == VIA_PTRACE && flight->secure && !privileges_have(CAP_SYS_PTRACE))
		return no_way(l, "; and tracing it would take its privileges away", "",
			      "msealctl can seal it as root, or with CAP_SYS_PTRACE");
	/* where there is doubt, the escort only looks whether the shim has come */
	if (l->via == VIA_PTRACE ||
	    (flight->fate == SHIM_DOUBTFUL && !l->options->best_effort))
		status = start_escort(l, &traced);
	preload = l->via == VIA_PRELOAD || l->options->inherit || !traced;
	if (status == STATUS_OK && preload && !l->shim_error)
		r = preload_set_environment(&l->shim, l->options, flight->hops);
	if (r < 0) {
		log_error("cannot set the environment: %s", strerror(-r));
		return STATUS_EXEC_FAILED;
	}
	return status;
}

/* Check everything that can be known before; returns STATUS_OK, 125, 126 or 127. */
static enum exit_status prepare(struct launch *l)
{
	const struct options *options = l->options;
	struct preflight *flight = &l->flight;

	/* here, and not in the middle of the program's start */
	if (choice_from_lists(&l->choice, options->seal, options->exclude) < 0)
		return STATUS_EXEC_FAILED;
	if (!options->best_effort && mseal_support_require(options->types) != STATUS_OK)
		return STATUS_EXEC_FAILED;
	l->shim_error = preload_find_shim(&l->shim, options->follow_dlopen);
	preflight_check(flight, options->arguments[0]);
	if (flight->status == STATUS_EXEC_FAILED)
		return no_way(l, "", "", flight->hint);
	if (flight->status != STATUS_OK) {
		log_error("%s: cannot run: %s", flight->object, flight->reason);
		return flight->status;
	}
	return prepare_way(l);
}

static enum exit_status run_exec(const struct options *options)
{
	/* static: the pages of its long paths that nobody writes to are never made */
	static struct launch launch;
	struct options inheriting = *options;
	enum exit_status status;

	if (options->argument_count == 0) {
		log_error("exec: no command given");
		return STATUS_EXEC_FAILED;
	}
	preload_inherit(&inheriting);
	launch.options = &inheriting;
	launch.via = options->via;
	status = prepare(&launch);
	if (status == STATUS_OK)
		status = become(&launch.flight, options->arguments, options->argument_count);
	choice_free(&launch.choice);
	return status;
}

const struct command cmd_exec = {
	.name = "exec",
	.arguments = "[--] COMMAND [ARGUMENT...]",
	.summary = "Become COMMAND, sealed before its own code runs",
	.options = OPTIONS_COMMON | OPTIONS_SELECTION | OPTIONS_TYPES | OPTIONS_EXEC,
	.usage_status = STATUS_EXEC_FAILED,
	.run = run_exec,
};
