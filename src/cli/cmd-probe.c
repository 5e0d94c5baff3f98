/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl probe: what this kernel, this machine and our privileges allow. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "diagnose.h"
#include "kernel-trial.h"
#include "mseal-support.h"
#include "no-tracer.h"
#include "privileges.h"
#include "process.h"
#include "report.h"
#include "shim-file.h"

enum { COLUMN_ITEM, COLUMN_VALUE, COLUMN_DETAIL };

static const struct column columns[] = {
	[COLUMN_ITEM]   = { "ITEM", CELL_STRING, 0, "what was tried" },
	[COLUMN_VALUE]  = { "VALUE", CELL_BOOLEAN, COLORED,
			    "yes or no; yes is good, but for userfaultfd" },
	[COLUMN_DETAIL] = { "DETAIL", CELL_STRING, 0, "details, or why it fails" },
};

static const struct report_kind probe_report = {
	.name = "probe",
	.columns = columns,
	.count = sizeof(columns) / sizeof(columns[0]),
};

struct finding {
	bool value;
	bool unknown;		/* it could not be tried */
	char detail[PATH_MAX + 64];
};

#define DETAIL(f, ...) snprintf((f)->detail, sizeof((f)->detail), __VA_ARGS__)

#define NO_TRACER "msealctl cannot trace programs on %s"

/* What several probes use. */
struct probe_state {
	struct mseal_support support;
	struct kernel_trial trial;
	const char *proc_problem;	/* process_proc_problem() */
};

static bool mseal_works(const struct probe_state *s)
{
	return s->support.abi == MSEAL_MAINLINE || s->support.abi == MSEAL_TYPED;
}

/* A seccomp filter answers in the kernel's place: what that can do is not known. */
static bool is_faked(const struct probe_state *s)
{
	return mseal_works(s) && !s->trial.error && !s->trial.refused;
}

static void probe_mseal(const struct probe_state *s, struct finding *f)
{
	f->value = mseal_works(s) && !is_faked(s);
	f->unknown = s->support.error != 0 || is_faked(s);
	DETAIL(f, "%s", is_faked(s) ? "a seccomp filter fakes mseal(2)" : s->support.detail);
}

static void probe_types(const struct probe_state *s, struct finding *f)
{
	f->value = s->support.abi == MSEAL_TYPED && !is_faked(s);
	f->unknown = is_faked(s);
	if (f->unknown)
		DETAIL(f, "a seccomp filter fakes mseal(2)");
	else if (f->value)
		DETAIL(f, "base, prot-pkey, discard, seal");
	else
		DETAIL(f, mseal_works(s) ? "one seal only, for everything" : "no mseal");
}

static void probe_enforced(const struct probe_state *s, struct finding *f)
{
	f->value = s->trial.refused;
	f->unknown = s->trial.error > 0;
	if (s->trial.error)
		DETAIL(f, "cannot try: %s", kernel_trial_reason(s->trial.error));
	else if (f->value)
		DETAIL(f, "a sealed page refuses mprotect");
	else
		DETAIL(f, mseal_works(s) ? "mprotect of a sealed page works: a seccomp "
					   "filter fakes mseal" : "no mseal");
}

static void probe_smaps(const struct probe_state *s, struct finding *f)
{
	f->value = s->trial.seal == SEAL_SEALED;
	f->unknown = s->trial.error > 0 || s->proc_problem;
	if (s->proc_problem)
		DETAIL(f, "%s", s->proc_problem);
	else if (f->unknown)
		DETAIL(f, "cannot try: %s", kernel_trial_reason(s->trial.error));
	else if (f->value)
		DETAIL(f, "smaps shows \"sl\" for a sealed page");
	else if (!mseal_works(s))
		DETAIL(f, "no mseal");
	else
		DETAIL(f, s->trial.seal == SEAL_NONE ? "smaps shows no seal" :
						       "smaps has no VmFlags, or cannot be read");
}

static void probe_procmap_query(const struct probe_state *s, struct finding *f)
{
	int error = s->trial.procmap_error;

	f->value = error == 0;
	f->unknown = error == ENOMEM || error == EAGAIN || (error && s->proc_problem);
	if (error && s->proc_problem)
		DETAIL(f, "%s", s->proc_problem);
	else if (error == 0)
		DETAIL(f, "single VMAs can be queried");
	else
		DETAIL(f, error == ENOTTY ? "not in this kernel (Linux 6.11 has it)" : "%s",
		       kernel_trial_reason(error));
}

static void probe_ptrace(const struct probe_state *s, struct finding *f)
{
	int scope = diagnose_yama_scope();
	int capable = privileges_look(CAP_SYS_PTRACE), error = s->trial.seize_error;
	char yama[32] = "no Yama";

	if (scope >= 0)
		snprintf(yama, sizeof(yama), "Yama ptrace_scope %d", scope);
	f->value = !no_tracer() && !s->proc_problem && s->trial.seized &&
		   (scope <= 0 || (capable && scope < 3));
	f->unknown = !no_tracer() && !s->proc_problem &&
		     (capable < 0 || error == ENOMEM || error == EAGAIN);
	if (no_tracer())
		DETAIL(f, NO_TRACER, no_tracer());
	else if (s->proc_problem)
		DETAIL(f, "%s", s->proc_problem);
	else if (capable < 0)
		DETAIL(f, "own capabilities cannot be read: %s", strerror(-capable));
	else if (f->value)
		DETAIL(f, "%s, %s", capable ? "any process (CAP_SYS_PTRACE)" :
		       "own processes (no CAP_SYS_PTRACE)", yama);
	else if (scope > 0 && (!capable || scope == 3))
		DETAIL(f, "%s, %s CAP_SYS_PTRACE", yama, capable ? "despite" : "no");
	else
		DETAIL(f, "cannot trace even a child: %s", kernel_trial_reason(error));
}

static void probe_suspend(const struct probe_state *s, struct finding *f)
{
	int capable = privileges_look(CAP_SYS_ADMIN), error = s->trial.suspend_error;

	f->value = !no_tracer() && s->trial.suspended;
	f->unknown = !no_tracer() && !f->value &&
		     (capable < 0 || error == ENOMEM || error == EAGAIN);
	if (no_tracer())
		DETAIL(f, NO_TRACER, no_tracer());
	else if (f->value)
		DETAIL(f, "programs with a seccomp filter can be sealed");
	else if (capable < 0)
		DETAIL(f, "own capabilities cannot be read: %s", strerror(-capable));
	else if (!capable)
		DETAIL(f, "no CAP_SYS_ADMIN: programs with a seccomp filter are refused");
	else
		DETAIL(f, "%s", kernel_trial_reason(error));
}

static void probe_shim(const struct probe_state *s, struct finding *f)
{
	struct shim_file shim;

	(void)s;
	shim_file_find(&shim, false);
	f->value = shim.fault == SHIM_OK;
	if (f->value)
		DETAIL(f, "%s", shim.path);
	else
		DETAIL(f, "%s: %s", shim.path, shim_file_reason(&shim));
}

static void probe_system_mappings(const struct probe_state *s, struct finding *f)
{
	f->value = s->trial.vdso == SEAL_SEALED;
	f->unknown = s->trial.vdso == SEAL_UNKNOWN;
	if (f->value)
		DETAIL(f, "the kernel seals the vdso itself");
	else
		DETAIL(f, s->trial.vdso == SEAL_NONE ? "the vdso is not sealed by the kernel" :
						       "cannot be known from smaps");
}

static void probe_userfaultfd(const struct probe_state *s, struct finding *f)
{
	f->value = s->trial.userfaultfd_error == 0;
	f->unknown = s->trial.userfaultfd_error == ENOMEM || s->trial.userfaultfd_error == EAGAIN;
	if (f->value)
		DETAIL(f, "bad: code in shared memory can be replaced");
	else
		DETAIL(f, "%s%s", f->unknown ? "" : "good: refused: ",
		       kernel_trial_reason(s->trial.userfaultfd_error));
}

static const struct probe {
	const char *item;
	void (*run)(const struct probe_state *state, struct finding *ret);
} probes[] = {
	{ "mseal", probe_mseal },
	{ "seal-types", probe_types },
	{ "enforced", probe_enforced },
	{ "smaps-seal", probe_smaps },
	{ "procmap-query", probe_procmap_query },
	{ "ptrace", probe_ptrace },
	{ "seccomp-suspend", probe_suspend },
	{ "shim", probe_shim },
	{ "system-mappings-sealed", probe_system_mappings },
	{ "userfaultfd", probe_userfaultfd },
};

struct probe_row {
	const char *item;
	const struct finding *finding;
};

static const char *probe_cell(const void *data, size_t column, const struct report *report,
			      char *buf, size_t size)
{
	const struct probe_row *row = data;

	(void)report;
	(void)buf;
	(void)size;
	switch (column) {
	case COLUMN_ITEM:
		return row->item;
	case COLUMN_VALUE:
		return row->finding->unknown ? "" : row->finding->value ? "yes" : "no";
	default:
		return row->finding->detail;
	}
}

static enum exit_status run_probe(const struct options *options)
{
	struct probe_state state;
	struct report report;

	if (options_no_arguments(options, &cmd_probe) < 0 ||
	    report_init(&report, &probe_report, cmd_probe.columns, &options->report,
			options->quiet) < 0)
		return STATUS_ERROR;
	mseal_support_detect(&state.support);
	kernel_trial_run(&state.trial);
	state.proc_problem = process_proc_problem();
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		struct finding finding = { .value = false };
		struct probe_row row = { probes[i].item, &finding };

		probes[i].run(&state, &finding);
		report_add(&report, &row, probe_cell);
	}
	if (report_finish(&report) != STATUS_OK)
		return STATUS_ERROR;
	if (state.support.error || state.trial.error > 0)
		return STATUS_ERROR;
	return mseal_works(&state) && state.trial.refused ? STATUS_OK : STATUS_NO_MSEAL;
}

const struct command cmd_probe = {
	.name = "probe",
	.arguments = "",
	.summary = "Show what this kernel and these privileges allow",
	.options = OPTIONS_COMMON | OPTIONS_REPORT,
	.report = &probe_report,
	.columns = "ITEM,VALUE,DETAIL",
	.usage_status = STATUS_ERROR,
	.run = run_probe,
};
