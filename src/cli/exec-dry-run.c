/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* msealctl exec --dry-run: what the files of COMMAND say before it is run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exec-launch.h"
#include "file-plan.h"
#include "hazards.h"
#include "region-report.h"
#include "text.h"

/* What lies outside of ELF objects. */
#define MEMORY_CLASSES (~0u << CLASS_STACK)

/* The files of COMMAND, as far as they can be planned before it is run. */
struct files {
	struct file_plan program, loader;
	int loader_error;
};

/* Plan for the files, which may show that COMMAND would not run, or could not be sealed. */
static enum exit_status plan_files(struct launch *l, struct files *ret)
{
	const char *loader = ret->program.loader;
	int r = file_plan_make(&ret->program, l->program.elf, &l->choice, l->settings.types, true);

	/* the kernel sees to this first */
	if (loader[0] && faccessat(AT_FDCWD, loader, X_OK, AT_EACCESS) != 0)
		return launch_cannot_run(l->program.path, errno);
	if (r < 0) {
		launch_log_lack(l, l->program.elf, "runs unsealed", "cannot seal",
				r == -ENOEXEC ? "its ELF headers are not understood" : strerror(-r));
		l->way.action = WAY_UNSEALED;
		l->way.obstacle = OBSTACLE_NONE;
		return l->settings.best_effort ? STATUS_OK : STATUS_EXEC_FAILED;
	}
	if (loader[0])
		ret->loader_error = -file_plan_make(&ret->loader, loader, &l->choice,
						    l->settings.types, false);
	return ret->loader_error == ENOEXEC ? launch_cannot_run(l->program.path, ELIBBAD) : STATUS_OK;
}

/* The classes that TERM asks for when a program starts; a name or a range may be of any. */
static unsigned classes_of(const struct term *term)
{
	if (term->kind != TERM_CLASS)
		return ~0u;
	return term->dlopened ? 0 : term->classes;
}

/* Can the lists select anything, of FILE alone if that is static? */
static bool may_select(const struct choice *choice, const struct file_plan *file)
{
	unsigned classes = 0;

	for (size_t i = 0; i < choice->selection.count; i++)
		classes |= classes_of(&choice->selection.terms[i]);
	for (size_t i = 0; i < choice->exclude.count; i++) {
		const struct term *term = &choice->exclude.terms[i];

		if (term->kind == TERM_CLASS && !term->glob && !term->exe && !term->dlopened)
			classes &= ~term->classes;
	}
	return file->plan.count > 0 || (file->loader[0] ? classes : classes & MEMORY_CLASSES) != 0;
}

/* The first term that FILE, which is static, has nothing for, or NULL. */
static const struct term *find_miss(const struct choice *choice, const struct file_plan *file,
				    const char **ret_option)
{
	struct choice_miss miss = { .pos = 0 };

	while (!file->loader[0] && choice_next_miss(choice, false, &miss)) {
		*ret_option = miss.option;
		if (miss.is_mistake && !(classes_of(miss.term) & MEMORY_CLASSES))
			return miss.term;
	}
	return NULL;
}

/* Would exec refuse COMMAND for what the lists select, as far as its file shows? */
static enum exit_status check_selection(const struct launch *l, const struct file_plan *file)
{
	const char *option = NULL;
	const struct term *term = find_miss(&l->choice, file, &option);
	char reason[512];

	if (term)
		snprintf(reason, sizeof(reason), "%s: '%.*s' matches nothing", option,
			 (int)term->text_len, term->text);
	else if (!may_select(&l->choice, file))
		snprintf(reason, sizeof(reason), "nothing is selected");
	else
		return STATUS_OK;
	launch_log_lack(l, l->program.path, "not sealed as asked", "cannot seal", reason);
	return l->options->best_effort ? STATUS_OK : STATUS_EXEC_FAILED;
}

/* "PATH: 1 text, 2 rodata", and its hazards; or the ERROR that keeps it from being read. */
static void show_file(struct report *report, const char *path, const struct file_plan *file,
		      int error)
{
	size_t counts[CLASS_COUNT] = { 0 }, used = 0;
	char text[512] = "";

	for (size_t i = 0; error == 0 && i < file->plan.count; i++)
		counts[file->plan.items[i].region->class]++;
	for (size_t i = 0; i < CLASS_COUNT; i++)
		if (counts[i] > 0)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%zu %s",
						 used > 0 ? ", " : "", counts[i],
						 region_class_names[i]);
	report_text(report, "%s: %s%s", path, error ? "not known: " : used > 0 ? text : "nothing",
		    error ? strerror(error) : "");
	if (error == 0)
		hazards_print(report, getpid(), &file->plan, 0);
}

/* The classes outside of ELF objects that are selected; nothing is known of them before. */
static void show_memory(const struct launch *l, struct report *report)
{
	const struct term *terms = l->choice.selection.terms;
	char text[128] = "";
	unsigned classes = 0;
	size_t used = 0;

	for (size_t i = 0; i < l->choice.selection.count; i++)
		if (terms[i].kind == TERM_CLASS && !terms[i].dlopened && !terms[i].exe)
			classes |= terms[i].classes;
	for (size_t class = CLASS_STACK; class < CLASS_COUNT; class++)
		if (classes & (1u << class))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 used > 0 ? " " : "", region_class_names[class]);
	if (used > 0)
		report_text(report, "memory, by the same lists: %s", text);
}

/* Say by which way COMMAND would be sealed, and what of its files. */
static enum exit_status show_dry_run(const struct launch *l, const struct files *files)
{
	/* the shim's path is between the two */
	static const struct { const char *before, *behind; } words[] = {
		[WAY_PRELOAD] = { "would be sealed by preloading ", "" },
		[WAY_PRELOAD_WATCHED] = { "would be sealed by preloading ",
					  ", and traced to make sure of it" },
		[WAY_TRACE] = { "would be sealed by tracing it", NULL },
		[WAY_UNSEALED] = { "would run unsealed", NULL },
	};
	const char *behind = words[l->way.action].behind;
	char reason[REASON_SIZE];
	struct report report;

	text_want_locale();
	if (report_init(&report, &region_report, "NAME", &l->options->report,
			l->options->quiet) < 0)
		return STATUS_EXEC_FAILED;
	launch_reason(l, reason);
	report_text(&report, "%s: %s%s%s%s%s", l->program.path, words[l->way.action].before,
		    behind ? l->shim.path : "", behind ? behind : "",
		    reason[0] ? ": " : "", reason);
	if (l->way.action != WAY_UNSEALED) {
		show_file(&report, l->program.elf, &files->program, 0);
		if (files->program.loader[0])
			show_file(&report, files->program.loader, &files->loader,
				  files->loader_error);
		if (files->program.needed[0])
			report_text(&report, "libraries, by the same lists: %s",
				    files->program.needed);
		show_memory(l, &report);
	}
	return report_finish(&report) == STATUS_OK ? STATUS_OK : STATUS_EXEC_FAILED;
}

enum exit_status exec_dry_run(struct launch *l)
{
	struct files files = {
		.program = { .arena = ARENA_INIT }, .loader = { .arena = ARENA_INIT },
	};
	enum exit_status status = STATUS_OK;

	if (l->way.action != WAY_UNSEALED)
		status = plan_files(l, &files);
	if (status == STATUS_OK && l->way.action != WAY_UNSEALED)
		status = check_selection(l, &files.program);
	if (status == STATUS_OK)
		status = show_dry_run(l, &files);
	file_plan_free(&files.program);
	file_plan_free(&files.loader);
	return status;
}
