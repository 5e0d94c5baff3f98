/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "selection-messages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

static const char *const fault_texts[SELECT_FAULT_COUNT] = {
	[SELECT_EMPTY]  = "empty term",
	[SELECT_CLASS]  = "unknown class",
	[SELECT_GLOB]   = "no pattern after the colon",
	[SELECT_ESCAPE] = "nothing after the last backslash",
	[SELECT_AT]     = "the only word after '@' is exe",
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

static void log_select_error(const struct select_error *error)
{
	char known[256];

	log_error("%s: '%.*s': %s", error->option, (int)error->term_len, error->term,
		  fault_texts[error->fault]);
	if (error->fault != SELECT_CLASS)
		return;
	known_classes(known, sizeof(known));
	log_hint("known: %s", known);
}

int choice_from_lists(struct choice *ret, const char *seal, const char *exclude)
{
	/* a term takes at least one byte of the list, and its comma */
	size_t most = strlen(seal ? seal : SELECT_DEFAULT) +
		      (exclude ? strlen(exclude) : 0) + 4;
	/* on the heap: small, so not worth a page of its own */
	struct arena arena = { .base = calloc(most, sizeof(struct term)),
			       .size = most * sizeof(struct term) };
	struct select_error error;
	int r;

	if (!arena.base) {
		log_error("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r = choice_parse(ret, &arena, seal, exclude, &error);
	if (r == 0) {
		ret->memory = arena.base;
		return 0;
	}
	if (r == -EINVAL)
		log_select_error(&error);
	else
		log_error("%s: the list is too long", error.option);
	free(arena.base);
	return r;
}

void choice_free(struct choice *choice)
{
	free(choice->memory);
	choice->memory = NULL;
}

size_t choice_report_misses(const struct choice *choice, pid_t pid, bool as_error)
{
	struct choice_miss miss = { .pos = 0 };
	size_t misses = 0;

	while (choice_next_miss(choice, false, &miss)) {
		if (miss.is_mistake)
			continue;
		(as_error ? log_error : log_warning)("%d: %s: '%.*s' matches nothing", pid,
						     miss.option, (int)miss.term->text_len,
						     miss.term->text);
		misses++;
	}
	return misses;
}

size_t choice_report_mistakes(const struct choice *choice, size_t plans, bool as_error)
{
	struct choice_miss miss = { .pos = 0 };
	size_t mistakes = 0;

	while (choice_next_miss(choice, false, &miss)) {
		if (!miss.is_mistake || miss.term->hit_before)
			continue;
		(as_error ? log_error : log_warning)("%s: '%.*s' matches nothing%s", miss.option,
						     (int)miss.term->text_len, miss.term->text,
						     plans > 1 ? " in any of the processes" : "");
		mistakes++;
	}
	return mistakes;
}
