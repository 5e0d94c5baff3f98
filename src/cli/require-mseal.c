/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "require-mseal.h"

#include "kernel-trial.h"
#include "log.h"

static void log_lack(bool best_effort, const char *object, const char *reason, const char *hint)
{
	if (best_effort) {
		log_warning("%s: %s", object, reason);
		return;
	}
	log_error("%s: %s", object, reason);
	if (hint)
		log_hint("%s", hint);
}

enum exit_status require_mseal(const struct mseal_support *s, unsigned types, bool best_effort)
{
	if (s->abi == MSEAL_TYPED || (s->abi == MSEAL_MAINLINE && types == SEAL_ALL))
		return STATUS_OK;
	if (s->abi == MSEAL_MAINLINE) {
		log_lack(best_effort, "--types", "this kernel's mseal(2) has one seal only",
			 "use --types=all, or a kernel with the typed mseal patch");
		return STATUS_NO_MSEAL;
	}
	log_lack(best_effort, "cannot seal", s->detail,
		 s->filtered ? NULL : "mseal(2) came with Linux 6.10");
	return s->error ? STATUS_ERROR : STATUS_NO_MSEAL;
}

enum exit_status require_effect(bool best_effort)
{
	struct kernel_trial trial;

	kernel_trial_run(&trial);
	if (trial.error || trial.refused)
		return STATUS_OK;
	log_lack(best_effort, "cannot seal", "a seccomp filter fakes mseal(2)", NULL);
	return STATUS_NO_MSEAL;
}
