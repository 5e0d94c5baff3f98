/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * libmsealctl.so: what "msealctl exec" puts into LD_PRELOAD.
 *
 * It is one constructor.  When it runs, ld.so has relocated the objects of the start-up and
 * made their RELRO read-only, and no code of the program has run: being linked with
 * -z initfirst, the shim even comes before the constructors of all libraries, libc's among
 * them.  So it uses no malloc(3), stdio or locale, only what own-libc.c has, and functions
 * of libc that work before its constructors.  musl has them as well, but runs the
 * constructors of libraries first.
 *
 * It fails closed: the program does not run unless everything asked for is sealed.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "environment.h"
#include "exit-status.h"
#include "follow.h"
#include "line.h"
#include "program-start.h"
#include "seal-self.h"
#include "stderr.h"

static void report_nothing_selected(const struct settings *s)
{
	struct line line;

	if (s->best_effort && s->quiet)
		return;
	line_begin(&line);
	line_text(&line, s->best_effort ? "warning: nothing is selected" :
					  "cannot seal: nothing is selected");
	stderr_write(&line);
}

static void report_miss(const struct choice_miss *miss, bool fatal)
{
	struct line line;

	line_begin(&line);
	line_text(&line, fatal ? "cannot seal: " : "warning: ");
	line_text(&line, miss->option);
	line_text(&line, ": '");
	line_bytes(&line, miss->term->text, miss->term->text_len);
	line_text(&line, "' matches nothing");
	stderr_write(&line);
}

/* Write which terms matched nothing.  Returns whether the program must not run for that. */
static bool has_mistakes(const struct seal_self *self)
{
	const struct settings *s = self->settings;
	struct choice_miss miss = { .pos = 0 };
	bool mistaken = false;

	if (s->execs_ahead > 0 || s->is_child)
		return false;
	while (choice_next_miss(&self->choice, s->audit, &miss)) {
		bool fatal = miss.is_mistake && !s->best_effort;

		if (fatal || !s->quiet)
			report_miss(&miss, fatal);
		mistaken = mistaken || fatal;
	}
	if (!mistaken && self->plan.count == 0 && !s->audit) {
		report_nothing_selected(s);
		mistaken = !s->best_effort;
	}
	return mistaken;
}

static void report_failure(int error)
{
	struct line line;

	line_begin(&line);
	line_text(&line, "cannot seal: ");
	if (error == -EINVAL)
		line_text(&line, "the settings from msealctl are damaged");
	else if (error == -ENOENT)
		line_text(&line, "/proc is not mounted");
	else if (error == -ENOEXEC)
		line_text(&line, "the ELF headers of the program are not understood, or "
				 "cannot be read");
	else if (error == -EBADMSG)
		line_text(&line, "/proc/self/maps is not as Linux writes it");
	else
		line_text(&line, error_name(error));
	stderr_write(&line);
}

/* A seal_self_fn: seal all regions.  Sets CONTEXT to whether all are sealed. */
static int seal_all(struct seal_self *self, void *context)
{
	bool *complete = context;
	int r = seal_self_run(self, seal_self_plan);

	if (r == 0)
		*complete = seal_self_report(self) && !has_mistakes(self);
	return r;
}

/* Seal this process as S says.  Returns whether everything asked for is sealed. */
static bool seal_process(const struct settings *s)
{
	bool complete = false;
	int r = seal_self_look(s, NULL, seal_all, &complete);

	if (r < 0)
		report_failure(r);
	return complete;
}

/* Might there be a message after which the program goes on? */
static bool may_warn(const struct settings *s)
{
	return s->verbose || s->best_effort || !s->defaulted;
}

/*
 * glibc passes the arguments of main() to constructors, and has not set environ yet; musl
 * passes nothing, and has set it.
 */
static char **environment(char **envp)
{
	return environ ? environ : envp;
}

__attribute__((constructor))
static void shim_start(int argc, char **argv, char **envp)
{
	struct settings settings;
	int saved = errno, r;

	(void)argc;
	(void)argv;
	envp = environment(envp);
	r = settings_decode(envp, &settings);
	if (r == -ENOENT) {
		errno = saved;
		return;
	}
	if (r < 0) {
		report_failure(r);
		_exit(STATUS_EXEC_FAILED);
	}
	/* a seccomp filter might end the program for ppoll(2), so write without asking then */
	if (may_warn(&settings) && prctl(PR_GET_SECCOMP) == 0 && !stderr_has_reader()) {
		settings.quiet = true;
		settings.verbose = false;
	}
	if (settings.audit && !(follow_start && follow_start(&settings)) &&
	    !settings.best_effort)
		_exit(STATUS_EXEC_FAILED);
	if (!seal_process(&settings) && !settings.best_effort)
		_exit(STATUS_EXEC_FAILED);
	if (!program_start_is_ours())
		environment_pass_on(envp, &settings);
	errno = saved;
}
