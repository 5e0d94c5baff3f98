/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "selection-messages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "nearest.h"

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

/* What --seal and --exclude know. */
static const struct {
	const char *term, *help;
} terms[] = {
	{ "text", "executable segments of ELF objects" },
	{ "rodata", "segments neither writable nor executable, ELF headers included" },
	{ "relro", "what the loader has made read-only after relocation" },
	{ "data", "writable segments and .bss, without RELRO" },
	{ "stack", "stack of the main thread" },
	{ "heap", "[heap]" },
	{ "vdso", "[vdso] and other mappings that the kernel makes" },
	{ "anon", "private anonymous memory" },
	{ "file", "mapped files that are no ELF objects" },
	{ "shm", "shared memory" },
	{ "all", "everything that can be sealed" },
	{ "dlopened", "objects that the program has loaded since its start" },
	{ "name:GLOB", "mappings by their name in /proc/PID/maps" },
	{ "0xSTART-0xEND", "a range of addresses, page aligned" },
	{ "CLASS:GLOB", "one of the words above, where the path or the name matches" },
	{ "CLASS:@exe", "one of the words above, in the main program" },
};

#define TERM_COUNT (sizeof(terms) / sizeof(terms[0]))

void choice_print_terms(FILE *out)
{
	for (size_t i = 0; i < TERM_COUNT; i++)
		fprintf(out, "  %-14s %s\n", terms[i].term, terms[i].help);
}

static void log_known_terms(const struct select_error *error)
{
	char word[32], known[256] = "";
	struct nearest nearest = { .word = word };

	if (strchr("!-^", error->term[0])) {
		log_hint("to leave something out, use --exclude");
		return;
	}
	snprintf(word, sizeof(word), "%.*s", (int)error->term_len, error->term);
	word[strcspn(word, ":")] = '\0';
	for (size_t i = 0, used = 0; i < TERM_COUNT; i++) {
		nearest_offer(&nearest, terms[i].term);
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 i > 0 ? ", " : "", terms[i].term);
	}
	if (nearest.best)
		nearest_hint(&nearest);
	else
		log_hint("known: %s", known);
}

static void log_select_error(const struct select_error *error)
{
	log_error("%s: '%.*s': %s", error->option, (int)error->term_len, error->term,
		  fault_texts[error->fault]);
	if (error->fault == SELECT_CLASS)
		log_known_terms(error);
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
