/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "mseal-support.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "process.h"

enum symbol { SYMBOL_UNKNOWN, SYMBOL_ABSENT, SYMBOL_PRESENT };

/* Does the kernel have the call?  kallsyms shows its name to all, the address to root only. */
static enum symbol find_symbol(void)
{
	cleanup_file FILE *f = fopen("/proc/kallsyms", "re");
	enum symbol found = SYMBOL_UNKNOWN;
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		const char *name = strrchr(line, ' ');

		found = found == SYMBOL_UNKNOWN ? SYMBOL_ABSENT : found;
		/* __x64_sys_mseal, __arm64_sys_mseal, sys_mseal */
		if (name && strlen(name) > 10 &&
		    strcmp(name + strlen(name) - 10, "sys_mseal\n") == 0)
			return SYMBOL_PRESENT;
	}
	return found;
}

static void explain_absence(struct mseal_support *s, bool under_filter)
{
	if (!under_filter) {
		snprintf(s->detail, sizeof(s->detail), "this kernel has no mseal(2)");
		return;
	}
	switch (find_symbol()) {
	case SYMBOL_PRESENT:
		s->filtered = true;
		snprintf(s->detail, sizeof(s->detail),
			 "the kernel has mseal(2), but a seccomp filter hides it");
		break;
	case SYMBOL_ABSENT:
		snprintf(s->detail, sizeof(s->detail), "this kernel has no mseal(2)");
		break;
	case SYMBOL_UNKNOWN:
		s->filtered = true;
		snprintf(s->detail, sizeof(s->detail),
			 "no mseal(2) here: the kernel lacks it, or a seccomp filter hides it");
		break;
	}
}

/* A filter may kill the caller of mseal(2), so under one a child calls it. */
static enum mseal_abi detect(bool *ret_died, int *ret_error)
{
	const struct rlimit no_core = { 0 };
	int status = 0;
	pid_t child;

	*ret_died = false;
	if (prctl(PR_GET_SECCOMP) == SECCOMP_OFF)
		return mseal_detect();
	child = fork();
	if (child < 0)
		*ret_error = errno;
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		_exit((int)mseal_detect());
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	*ret_died = child > 0 && !WIFEXITED(status);
	return child > 0 && WIFEXITED(status) ? (enum mseal_abi)WEXITSTATUS(status) :
						MSEAL_DENIED;
}

void mseal_support_detect(struct mseal_support *ret)
{
	bool died;
	struct mseal_support s = { .error = 0 };
	struct process self = { .seccomp = SECCOMP_OFF };

	s.abi = detect(&died, &s.error);
	/* a filter can only be the reason for an answer other than these */
	if (s.abi != MSEAL_MAINLINE && s.abi != MSEAL_TYPED)
		process_read(getpid(), &self);
	switch (s.abi) {
	case MSEAL_MAINLINE:
		snprintf(s.detail, sizeof(s.detail), "mainline mseal(2)");
		break;
	case MSEAL_TYPED:
		snprintf(s.detail, sizeof(s.detail), "typed mseal(2)");
		break;
	case MSEAL_ABSENT:
		explain_absence(&s, self.seccomp != SECCOMP_OFF);
		break;
	case MSEAL_DENIED:
		s.filtered = true;
		s.kills = died;
		if (s.error)
			snprintf(s.detail, sizeof(s.detail), "cannot try it: %s", strerror(s.error));
		else
			snprintf(s.detail, sizeof(s.detail), died ?
			 "a seccomp filter kills the caller of mseal(2)" :
			 "a seccomp filter denies mseal(2)");
		break;
	case MSEAL_ODD:
		s.filtered = self.seccomp != SECCOMP_OFF;
		snprintf(s.detail, sizeof(s.detail),
			 "mseal(2) answers like no known kernel%s",
			 s.filtered ? ": a seccomp filter stands in for it" : "");
		break;
	}
	*ret = s;
}
