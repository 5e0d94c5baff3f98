/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl show: maps and ELF images, selection, report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "command.h"
#include "log.h"
#include "per-process.h"
#include "privileges.h"
#include "region-report.h"
#include "selection-messages.h"

#define DEFAULT_COLUMNS "PID,START,END,SIZE,PERM,CLASS,SEALED,NAME"

static void add_all(struct report *report, int pid, const struct regions *regions)
{
	for (size_t i = 0; i < regions->count; i++) {
		const struct region *region = &regions->items[i];
		struct region_row row = {
			.pid = pid, .start = region->start, .end = region->end,
			.region = region, .seal = region->vma->seal,
			.types = region->vma->types,
		};

		report_add(report, &row, region_cell);
	}
}

static int add_selected(struct report *report, int pid, struct survey *survey,
			struct choice *choice)
{
	struct plan plan;
	int r = choice_plan(choice, &plan, &survey->arena, &survey->regions, 0);

	if (r < 0) {
		log_error("%d: cannot select: %s", pid, strerror(-r));
		return r;
	}
	report_add_plan(report, pid, &plan, NULL);
	choice_report_misses(choice, pid, false);
	return 0;
}

static enum exit_status show_process(struct report *report, int pid,
				     const struct options *options, struct choice *choice)
{
	struct survey survey;
	int r;

	if (target_survey(&survey, pid) < 0)
		return STATUS_ERROR;
	/* without a list everything is shown, also what could not be sealed */
	if (!options->seal && !options->exclude) {
		add_all(report, pid, &survey.regions);
		r = 0;
	} else {
		r = add_selected(report, pid, &survey, choice);
	}
	survey_free(&survey);
	return r == 0 ? STATUS_OK : STATUS_ERROR;
}

static enum exit_status run_show(const struct options *options)
{
	struct options everything = *options;
	enum exit_status status = STATUS_OK;
	cleanup_free int *pids = NULL;
	struct choice choice;
	struct report report;

	/* --exclude alone leaves the rest */
	if (!options->seal)
		everything.seal = (char *)"all";
	if (options->list_columns) {
		report_list_columns(&region_report);
		return STATUS_OK;
	}
	if (target_prepare(&report, DEFAULT_COLUMNS, &choice, &everything, &cmd_show, &pids) < 0)
		return STATUS_ERROR;
	for (size_t i = 0; i < options->argument_count; i++)
		status = worse_status(status, show_process(&report, pids[i], options, &choice));
	status = worse_status(status, report_finish(&report));
	choice_free(&choice);
	return status;
}

const struct command cmd_show = {
	.name = "show",
	.arguments = "PID...",
	.summary = "Show every region of processes, and which are sealed",
	.options = OPTIONS_COMMON | OPTIONS_SELECTION | OPTIONS_REPORT,
	.usage_status = STATUS_ERROR,
	.run = run_show,
};
