/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * msealctl exec: become COMMAND, with the shim in LD_PRELOAD where its loader is sure to
 * load it, or else traced by a process of our own.  The other steps (maps and ELF images,
 * selection, plan, mseal, read back) are the shim's, in shim/shim.c, or the tracer's, in
 * exec/startup-seal.c, before COMMAND's own code runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "command.h"
#include "exec-launch.h"
#include "kernel-trial.h"
#include "log.h"
#include "no-tracer.h"
#include "privileges.h"
#include "require-mseal.h"
#include "selection-messages.h"
#include "shim-environment.h"
#include "shim-file.h"
#include "tracer-process.h"

/* For the environment: three lists, each up to what execve(2) takes, and their paths. */
#define ARENA_SIZE (2 << 20)

void launch_log_lack(const struct launch *l, const char *object, const char *warning,
		     const char *error, const char *reason)
{
	if (l->options->best_effort)
		log_warning("%s: %s: %s", object, warning, reason);
	else
		log_error("%s: %s: %s", object, error, reason);
}

void launch_reason(const struct launch *l, char ret[REASON_SIZE])
{
	const char *reason = obstacles[l->way.obstacle].reason;

	if (l->way.obstacle == OBSTACLE_SHIM_FILE)
		snprintf(ret, REASON_SIZE, "the shim %s cannot be preloaded: %s", l->shim.path,
			 shim_file_reason(&l->shim));
	else if (obstacles[l->way.obstacle].of_loader)
		snprintf(ret, REASON_SIZE, "its loader is %.200s%s", l->program.loader, reason);
	else
		snprintf(ret, REASON_SIZE, "%s", reason);
}

/* The file that the obstacle is in. */
static const char *obstacle_object(const struct launch *l)
{
	return l->way.obstacle == l->program.obstacle && l->program.object[0] ?
	       l->program.object : l->program.path;
}

static void log_children(const struct launch *l)
{
	char reason[REASON_SIZE];

	if (l->way.obstacle == OBSTACLE_ASAN)
		launch_reason(l, reason);
	else
		snprintf(reason, sizeof(reason), "the shim %s cannot be preloaded: %s",
			 l->shim.path, shim_file_reason(&l->shim));
	launch_log_lack(l, l->program.path, "what it executes stays unsealed",
			"cannot seal what it executes", reason);
}

static void log_follow(const struct launch *l)
{
	char reason[REASON_SIZE];

	if (obstacles[l->way.obstacle].fate >= SHIM_IGNORED)
		launch_reason(l, reason);
	else
		snprintf(reason, sizeof(reason),
			 "its auditor, libmsealctl-audit.so, cannot be loaded: %s",
			 shim_file_reason(&l->auditor));
	launch_log_lack(l, l->program.path, "what it loads later stays unsealed",
			"cannot follow dlopen", reason);
}

/* The program itself cannot be sealed: because of the obstacle, and BEYOND it. */
static void log_program(const struct launch *l, const char *beyond, const char *hint)
{
	char reason[2 * REASON_SIZE];

	launch_reason(l, reason);
	strcat(reason, beyond);
	launch_log_lack(l, obstacle_object(l), "runs unsealed", "cannot seal", reason);
	if (!l->options->best_effort && hint && hint[0])
		log_hint("%s", hint);
}

static void log_no_tracer(const struct launch *l)
{
	const char *hint = NULL;
	char beyond[128];

	snprintf(beyond, sizeof(beyond), "%smsealctl cannot trace programs on %s",
		 l->way.obstacle == OBSTACLE_NONE ? "" : "; and ", no_tracer());
	if (l->way.preload_may_help)
		hint = l->options->via == VIA_PTRACE ? "--via=auto preloads, where that is certain" :
		       "with --best-effort, it is preloaded all the same";
	log_program(l, beyond, hint);
}

/* Say what cannot be done; of a refusal, the first that is in the way. */
static void log_lacks(const struct launch *l)
{
	unsigned lacks = l->way.lacks;

	if (!l->options->best_effort)
		lacks &= -lacks;
	if (lacks & LACK_CHILDREN)
		log_children(l);
	if (lacks & LACK_FOLLOW)
		log_follow(l);
	if (lacks & LACK_PROGRAM)
		log_program(l, "", no_tracer() ? NULL : obstacles[l->way.obstacle].hint);
	if (lacks & LACK_TRACER)
		log_no_tracer(l);
	if (lacks & LACK_PRIVILEGES)
		log_program(l, "; and tracing it would take its privileges away",
			    "msealctl can seal it as root, or with CAP_SYS_PTRACE");
}

/* What travels to the shim; those of an "exec --inherit" that we are a child of go on. */
static void set_settings(struct launch *l)
{
	const struct options *options = l->options;
	struct settings outer = { .shim = NULL };

	settings_decode(environ, &outer);
	l->settings = (struct settings){
		.seal = options->seal ? options->seal : SELECT_DEFAULT,
		.exclude = options->exclude, .types = options->types,
		.best_effort = options->best_effort,
		.inherit = options->inherit || outer.inherit,
		.quiet = options->quiet, .verbose = options->verbose,
		.defaulted = !options->seal,
	};
	l->follow_dlopen = options->follow_dlopen || (outer.inherit && outer.audit);
}

enum exit_status launch_cannot_run(const char *object, int error)
{
	log_error("%s: cannot run: %s", object, strerror(error));
	return error == ENOENT || error == ENOTDIR ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

/* PROGRAM cannot be run, for an error that may be of an interpreter of it. */
static enum exit_status cannot_start(const struct preflight *program, const char *command)
{
	char object[2 * PATH_MAX + 32];

	if (strcmp(program->object, command) == 0 || strcmp(program->object, program->path) == 0)
		return launch_cannot_run(program->object, program->error);
	snprintf(object, sizeof(object), "%s: its interpreter %s", program->path, program->object);
	return launch_cannot_run(object, program->error);
}

/* Find COMMAND and the shim, and choose the way; returns STATUS_OK, 125, 126 or 127. */
static enum exit_status choose_way(struct launch *l)
{
	struct preflight *program = &l->program;

	preflight_check(program, l->options->arguments[0]);
	if (program->error)
		return cannot_start(program, l->options->arguments[0]);
	shim_file_find(&l->shim, l->follow_dlopen);
	if (l->follow_dlopen)
		shim_file_find_auditor(&l->auditor, &l->shim);
	l->way = way_choose(&(struct way_question){
		.via = l->options->via, .best_effort = l->settings.best_effort,
		.inherit = l->settings.inherit, .follow_dlopen = l->follow_dlopen,
		.obstacle = program->obstacle, .gains_privileges = program->gains_privileges,
		.keeps_privileges = program->gains_privileges && privileges_have(CAP_SYS_PTRACE),
		.shim_is_usable = l->shim.fault == SHIM_OK,
		.auditor_is_usable = l->follow_dlopen && l->auditor.fault == SHIM_OK,
		.no_tracer = no_tracer() != NULL,
	});
	log_lacks(l);
	/* that is why, whatever else there is; what it executes has the same kernel and filter */
	if (l->no_mseal)
		l->way = (struct way){ .action = WAY_UNSEALED };
	/* the tracer may need the room */
	if (!l->way.preload && l->shim.fd >= 0)
		close(l->shim.fd);
	return l->way.action == WAY_REFUSE ? STATUS_EXEC_FAILED : STATUS_OK;
}

/* Start the tracer; in a dry run, see in a child of our own whether that could be done. */
static int try_tracing(const struct launch *l, struct tracer_process *tracer,
		       struct diagnosis *ret_why)
{
	struct kernel_trial trial;

	if (!l->options->dry_run)
		return tracer_process_start(tracer, ret_why);
	kernel_trial_run(&trial);
	*ret_why = (struct diagnosis){ .reason = "" };
	snprintf(ret_why->reason, sizeof(ret_why->reason), "%s",
		 kernel_trial_reason(trial.seize_error));
	return trial.seized ? 0 : -EPERM;
}

/* Start the tracer, if the way needs one; with --best-effort, the shim may still help. */
static enum exit_status start_tracer(struct launch *l)
{
	bool watch = l->way.action == WAY_PRELOAD_WATCHED;
	cleanup_free char *shim = watch ? realpath(l->shim.path, NULL) : NULL;
	struct tracer_process tracer = {
		.choice = &l->choice, .object = l->program.path,
		.types = l->settings.types, .best_effort = l->settings.best_effort,
		.execs_ahead = l->program.execs_ahead, .shim = shim,
	};
	struct diagnosis why;
	char beyond[REASON_SIZE];

	if ((!watch && l->way.action != WAY_TRACE) || try_tracing(l, &tracer, &why) == 0)
		return STATUS_OK;
	snprintf(beyond, sizeof(beyond), "%sit cannot be traced: %s",
		 l->way.obstacle == OBSTACLE_NONE ? "" : "; and ", why.reason);
	log_program(l, beyond, why.hint);
	l->way.preload = l->way.preload || l->way.preload_may_help;
	return l->settings.best_effort ? STATUS_OK : STATUS_EXEC_FAILED;
}

/* The environment for COMMAND, in which the shim is named if the way needs that. */
static enum exit_status make_environment(struct launch *l)
{
	static _Alignas(max_align_t) char room[ARENA_SIZE];
	struct arena arena = { .base = room, .size = sizeof(room) };
	int r;

	l->environment = environ;
	if (!l->way.preload)
		return STATUS_OK;
	l->settings.shim = l->shim.path;
	if (l->way.preload_may_help)
		shim_file_pin(&l->shim, l->pin);
	if (l->pin[0])
		l->settings.pin = l->pin;
	l->settings.execs_ahead = l->program.execs_ahead;
	/* if the program itself is not preloaded, only its children see the settings */
	l->settings.is_child = !l->way.preload_may_help;
	if (l->follow_dlopen && !(l->way.lacks & LACK_FOLLOW))
		l->settings.audit = l->auditor.path;
	r = shim_environment_make(&l->settings, &arena, &l->environment);
	if (r == 0)
		return STATUS_OK;
	log_error("cannot make an environment: %s", strerror(-r));
	return STATUS_EXEC_FAILED;
}

/* Replace ourselves; returns only to say why that failed. */
static enum exit_status become(const struct launch *l)
{
	const struct options *options = l->options;
	const char *path = l->program.path;
	size_t count = options->argument_count;
	cleanup_free const char **by_shell = NULL;
	const char **argv = options->arguments;

	if (l->program.by_shell) {
		by_shell = calloc(count + 2, sizeof(*by_shell));
		if (!by_shell) {
			log_error("%s: %s", path, strerror(ENOMEM));
			return STATUS_EXEC_FAILED;
		}
		by_shell[0] = _PATH_BSHELL;
		by_shell[1] = path;
		memcpy(by_shell + 2, argv + 1, (count - 1) * sizeof(*argv));
		path = _PATH_BSHELL;
		argv = by_shell;
	}
	execve(path, (char **)argv, l->environment);
	return launch_cannot_run(l->program.path, errno);
}

/* Can this kernel seal COMMAND?  With --best-effort, it runs all the same. */
static enum exit_status check_kernel(struct launch *l)
{
	const struct options *options = l->options;
	struct mseal_support support;
	enum exit_status status;

	mseal_support_detect(&support);
	/* what is to seal COMMAND finds that out as well, and says so, if it can without harm */
	if (options->best_effort && !options->dry_run && !support.kills &&
	    support.abi != MSEAL_MAINLINE)
		return STATUS_OK;
	status = require_mseal(&support, options->types, options->best_effort);
	/* when it is run, that shows by itself */
	if (status == STATUS_OK && options->dry_run)
		status = require_effect(options->best_effort);
	l->no_mseal = status == STATUS_NO_MSEAL;
	return status == STATUS_OK || options->best_effort ? STATUS_OK : STATUS_EXEC_FAILED;
}

static enum exit_status run_exec(const struct options *options)
{
	/* static: pages of its long paths that are not written to cost nothing */
	static struct launch l;
	enum exit_status status;

	if (options->argument_count == 0) {
		log_error("exec: no command given");
		return STATUS_EXEC_FAILED;
	}
	l.options = options;
	/* what is wrong is said here, and not in the middle of the program's start */
	if (choice_from_lists(&l.choice, options->seal, options->exclude) < 0)
		return STATUS_EXEC_FAILED;
	status = check_kernel(&l);
	set_settings(&l);
	if (status == STATUS_OK)
		status = choose_way(&l);
	if (status == STATUS_OK)
		status = start_tracer(&l);
	if (status == STATUS_OK && options->dry_run) {
		status = exec_dry_run(&l);
	} else if (status == STATUS_OK) {
		status = make_environment(&l);
		if (status == STATUS_OK)
			status = become(&l);
	}
	choice_free(&l.choice);
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
