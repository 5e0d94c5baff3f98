/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "choice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

static const char *const fault_texts[SELECT_FAULT_COUNT] = {
	[SELECT_EMPTY]  = "empty term",
	[SELECT_CLASS]  = "unknown class",
	[SELECT_GLOB]   = "no pattern behind the colon",
	[SELECT_ESCAPE] = "nothing behind the last backslash",
	[SELECT_AT]     = "the only word behind '@' is exe",
	[SELECT_RANGE]  = "an address range is 0xSTART-0xEND, in hexadecimal",
	[SELECT_ALIGN]  = "START and END must be multiples of the page size",
	[SELECT_ORDER]  = "END must be above START",
};

/* "known: text, rodata, ..." */
static void known_classes(char *buf, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < CLASS_COUNT; i++)
		if (region_class_names[i])
			used += (size_t)snprintf(buf + used, size - used, "%s, ",
						 region_class_names[i]);
	snprintf(buf + used, size - used, "all, dlopened, name:GLOB, 0xSTART-0xEND");
}

static void log_select_error(const char *option, const struct select_error *error)
{
	char known[256];

	log_error("%s: '%.*s': %s", option, (int)error->term_len, error->term,
		  fault_texts[error->fault]);
	if (error->fault != SELECT_CLASS)
		return;
	known_classes(known, sizeof(known));
	log_hint("known: %s", known);
}

static int parse_list(struct selection *ret, struct arena *arena, const char *option,
		      const char *list)
{
	struct select_error error;
	int r = selection_parse(ret, arena, list, &error);

	if (r == -EINVAL)
		log_select_error(option, &error);
	else if (r < 0)
		log_error("%s: the list is too long", option);
	return r;
}

void choice_free(struct choice *choice)
{
	free(choice->arena.base);
	choice->arena = (struct arena)ARENA_INIT;
}

int choice_parse(struct choice *ret, const char *seal, const char *exclude)
{
	const char *list = seal ? seal : SELECT_DEFAULT;
	/* a term takes one byte of the list at least, and its comma */
	size_t most = strlen(list) + (exclude ? strlen(exclude) : 0) + 4;
	struct choice c = {
		.arena = { .base = calloc(most, sizeof(struct term)),
			   .size = most * sizeof(struct term) },
		.defaulted = !seal,
	};
	int r;

	if (!c.arena.base) {
		log_error("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r = parse_list(&c.selection, &c.arena, "--seal", list);
	if (r == 0 && exclude)
		r = parse_list(&c.exclude, &c.arena, "--exclude", exclude);
	if (r < 0)
		choice_free(&c);
	else
		*ret = c;
	return r;
}

static bool list_asks(const struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++)
		if (selection->terms[i].dlopened)
			return true;
	return false;
}

bool choice_asks_for_dlopened(const struct choice *choice)
{
	return list_asks(&choice->selection) || list_asks(&choice->exclude);
}

int choice_plan(struct choice *choice, struct plan *ret, struct arena *arena,
		const struct regions *regions, unsigned types)
{
	return plan_build(ret, arena, regions, &choice->selection, &choice->exclude, NULL,
			  types);
}

static size_t report_list_misses(struct selection *selection, const char *option, int pid,
				 bool as_error)
{
	size_t misses = 0;

	for (size_t i = 0; i < selection->count; i++) {
		struct term *term = &selection->terms[i];

		if (term->hits == 0) {
			(as_error ? log_error : log_warning)("%d: %s: '%.*s' matches nothing",
							     pid, option, (int)term->text_len,
							     term->text);
			misses++;
		}
		term->hits = 0;
	}
	return misses;
}

size_t choice_report_misses(struct choice *choice, int pid, bool as_error)
{
	size_t misses = 0;

	if (!choice->defaulted)
		misses += report_list_misses(&choice->selection, "--seal", pid, as_error);
	/* an exclusion that hits nothing cannot make a check fail, but may be a slip */
	report_list_misses(&choice->exclude, "--exclude", pid, false);
	return misses;
}
