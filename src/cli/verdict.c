/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "no-tracer.h"
#include "text.h"

static const char *const words[VERDICT_COUNT] = {
	[VERDICT_SEALED] = "sealed", [VERDICT_UNSEALED] = "unsealed",
	[VERDICT_UNREADABLE] = "unreadable",
};

/*
 * What it is called in JSON, and what a person reads: 80 columns, with a count before it.
 * Where msealctl has no attach there is another remedy, unless it is the same.
 */
static const struct {
	const char *kind, *title, *remedy, *without_attach;
} texts[SHORT_COUNT] = {
	[SHORT_NEVER] = { "never-sealed", "never sealed",
		"attach to it, or start it by msealctl exec", "start it by msealctl exec" },
	[SHORT_DLOPENED] = { "dlopened", "loaded since",
		"attach again, exec --follow-dlopen or --exclude=dlopened",
		"exec --follow-dlopen or --exclude=dlopened" },
	[SHORT_LOADED] = { "loaded", "loaded since, to stay",
		"attach again, or exec --follow-dlopen", "exec --follow-dlopen" },
	[SHORT_NEW] = { "new", "not sealed with the rest",
		"attach again", "start it by msealctl exec --seal" },
	[SHORT_TYPES] = { "types", "sealed with fewer types",
		"attach again, with the types asked for here",
		"start it by msealctl exec --types" },
	[SHORT_RELRO_WRITABLE] = { "relro-writable", "RELRO still writable",
		"check again; then --exclude=relro or relink with -z now", NULL },
	[SHORT_TEXT_RELOCATIONS] = { "text-relocations", "writable against its headers",
		"check again, or rebuild with -fPIC", NULL },
	[SHORT_LOADING] = { "loading", "being loaded", "check again", NULL },
	[SHORT_NO_RELRO] = { "no-relro", "no RELRO", "relink with -z relro -z now", NULL },
};

static enum shortfall shortfall_of(const struct plan_item *item, bool never)
{
	static const enum shortfall of_blocker[BLOCKER_COUNT] = {
		[BLOCKER_RELRO_WRITABLE] = SHORT_RELRO_WRITABLE,
		[BLOCKER_RELOCATING] = SHORT_TEXT_RELOCATIONS,
		[BLOCKER_LOADING] = SHORT_LOADING,
	};
	static const enum shortfall of_dlopened[] = {
		[DLOPENED_UNKNOWN] = SHORT_NEW, [DLOPENED_NO] = SHORT_NEW,
		[DLOPENED_STAYS] = SHORT_LOADED, [DLOPENED_YES] = SHORT_DLOPENED,
	};
	const struct region *region = item->region;

	if (item->result == PLAN_SKIPPED)
		return of_blocker[region->blocker];
	if (never)
		return SHORT_NEVER;
	if (item->seal == SEAL_SEALED)
		return SHORT_TYPES;
	return region->image ? of_dlopened[region->image->dlopened] : SHORT_NEW;
}

/* An object that others need says less of what was loaded than one that needs them. */
static void note(struct verdict *v, enum shortfall shortfall, const struct image *image,
		 const char *object)
{
	bool is_needed = image && image->is_needed;

	if (v->shortfalls[shortfall].count++ > 0 &&
	    (is_needed || !v->shortfalls[shortfall].is_needed))
		return;
	free(v->shortfalls[shortfall].object);
	v->shortfalls[shortfall].object = strdup(object);
	v->shortfalls[shortfall].is_needed = is_needed;
}

/* Kernels may seal their own mappings from the start. */
static bool nothing_is_sealed(const struct regions *regions)
{
	for (size_t i = 0; i < regions->count; i++)
		if (regions->items[i].vma->seal == SEAL_SEALED &&
		    regions->items[i].class != CLASS_VDSO)
			return false;
	return true;
}

static bool asks_for_relro(const struct choice *choice, const struct image *image)
{
	for (size_t i = 0; i < choice->exclude.count; i++)
		if (choice->exclude.terms[i].classes & (1u << CLASS_RELRO))
			return false;
	for (size_t i = 0; i < choice->selection.count; i++) {
		const struct term *term = &choice->selection.terms[i];

		if ((term->classes & (1u << CLASS_RELRO)) && !term->glob && !term->dlopened &&
		    (!term->exe || image->is_exe))
			return true;
	}
	return false;
}

void verdict_judge(struct verdict *ret, const struct choice *choice,
		   const struct regions *regions, const struct plan *plan)
{
	bool never = nothing_is_sealed(regions);

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		if (item->result == PLAN_ALREADY) {
			ret->sealed++;
			continue;
		}
		ret->unsealed++;
		note(ret, shortfall_of(item, never), item->region->image,
		     region_object(item->region));
	}
	for (size_t i = 0; i < regions->count; i++) {
		const struct image *image = regions->items[i].image;

		if (image && regions->items[i].start == image->start && image->path[0] == '/' &&
		    image_lacks_relro(image) && asks_for_relro(choice, image))
			note(ret, SHORT_NO_RELRO, image, image->path);
	}
	ret->word = ret->unsealed > 0 || plan->count == 0 ? VERDICT_UNSEALED : VERDICT_SEALED;
}

/* Without --seal, attach selects the same by itself. */
static const char *remedy_of(const struct verdict *v, enum shortfall shortfall)
{
	if (no_tracer() && texts[shortfall].without_attach)
		return texts[shortfall].without_attach;
	return shortfall == SHORT_NEW && v->seal_given ? "attach again, with this --seal" :
							 texts[shortfall].remedy;
}

void verdict_print(const struct verdict *v, struct report *report, bool all)
{
	char line[128];

	for (size_t i = 0; i < SHORT_COUNT; i++) {
		if (v->shortfalls[i].count == 0 || (v->word == VERDICT_SEALED && !all))
			continue;
		snprintf(line, sizeof(line), "%zu %s: %s", v->shortfalls[i].count, texts[i].title,
			 remedy_of(v, i));
		report_line(report, line);
	}
}

int verdicts_add(struct verdicts *verdicts, const struct verdict *verdict)
{
	if (verdicts->count == verdicts->capacity) {
		size_t capacity = 2 * verdicts->capacity + 16;
		struct verdict *grown = reallocarray(verdicts->items, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		verdicts->items = grown;
		verdicts->capacity = capacity;
	}
	verdicts->items[verdicts->count++] = *verdict;
	verdicts->of[verdict->word]++;
	return 0;
}

static void print_string(const char *s)
{
	cleanup_free char *text = s ? text_make_utf8(s) : NULL;

	if (!text) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ')
			printf("\\u%04x", (unsigned char)*c);
		else
			putchar(*c);
	}
	putchar('"');
}

static void print_process(const struct verdict *v)
{
	const char *separator = "";

	printf("\n      {\n         \"pid\": %d,\n         \"command\": ", v->pid);
	print_string(v->comm[0] ? v->comm : NULL);
	printf(",\n         \"verdict\": \"%s\"", words[v->word]);
	if (v->word != VERDICT_UNREADABLE)
		printf(",\n         \"sealed\": %zu,\n         \"unsealed\": %zu", v->sealed,
		       v->unsealed);
	else
		fputs(",\n         \"sealed\": null,\n         \"unsealed\": null", stdout);
	fputs(",\n         \"remedies\": [", stdout);
	for (size_t i = 0; i < SHORT_COUNT; i++) {
		if (v->shortfalls[i].count == 0)
			continue;
		printf("%s\n            {\"kind\": \"%s\", \"count\": %zu, \"object\": ", separator,
		       texts[i].kind, v->shortfalls[i].count);
		print_string(v->shortfalls[i].object);
		printf(", \"remedy\": \"%s\"}", remedy_of(v, i));
		separator = ",";
	}
	fputs("]\n      }", stdout);
}

void verdicts_print_json(const struct verdicts *verdicts, enum verdict_word all)
{
	fputs(",\n   \"processes\": [", stdout);
	for (size_t i = 0; i < verdicts->count; i++) {
		fputs(i > 0 ? "," : "", stdout);
		print_process(&verdicts->items[i]);
	}
	printf("\n   ],\n   \"verdict\": \"%s\"", words[all]);
}

void verdicts_free(struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		for (size_t k = 0; k < SHORT_COUNT; k++)
			free(verdicts->items[i].shortfalls[k].object);
	free(verdicts->items);
	*verdicts = (struct verdicts){ 0 };
}
