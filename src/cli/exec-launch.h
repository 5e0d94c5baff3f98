/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_EXEC_LAUNCH_H
#define MSEALCTL_EXEC_LAUNCH_H

#include <limits.h>
#include <stdbool.h>

#include "choice.h"
#include "options.h"
#include "preflight.h"
#include "settings.h"
#include "shim-file.h"
#include "way.h"

/* What is known before COMMAND is run, and what was chosen. */
struct launch {
	const struct options *options;
	struct choice choice;
	struct settings settings;
	bool follow_dlopen;
	bool no_mseal;		/* it cannot be called or does nothing, as a warning has said */
	struct shim_file shim, auditor;
	struct preflight program;
	struct way way;
	char pin[SHIM_PIN_SIZE];
	char **environment;
};

/* One thing that cannot be done with OBJECT: an ERROR, or with --best-effort a WARNING. */
void launch_log_lack(const struct launch *launch, const char *object, const char *warning,
		     const char *error, const char *reason);

#define REASON_SIZE (PATH_MAX + 512)

/* What is in the way of the shim, in words. */
void launch_reason(const struct launch *launch, char ret[REASON_SIZE]);

/* Log that OBJECT cannot be run for ERROR, an errno; returns 126 or 127. */
enum exit_status launch_cannot_run(const char *object, int error);

/*
 * exec --dry-run: print by which way COMMAND would be sealed, and what of its files.  Returns
 * STATUS_OK, or after an error that says why COMMAND would not run, the status of exec.
 */
enum exit_status exec_dry_run(struct launch *launch);

#endif
