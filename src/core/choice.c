/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "choice.h"

int choice_parse(struct choice *ret, struct arena *arena, const char *seal,
		 const char *exclude, struct select_error *ret_error)
{
	struct choice c = { .defaulted = !seal };
	int r;

	r = selection_parse(&c.selection, arena, seal ? seal : SELECT_DEFAULT, ret_error);
	ret_error->option = "--seal";
	if (r == 0 && exclude) {
		r = selection_parse(&c.exclude, arena, exclude, ret_error);
		ret_error->option = "--exclude";
	}
	if (r == 0)
		*ret = c;
	return r;
}

static bool asks_for_dlopened(const struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++)
		if (selection->terms[i].dlopened)
			return true;
	return false;
}

static bool asks_for_exe(const struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++)
		if (selection->terms[i].exe)
			return true;
	return false;
}

bool choice_asks_for_dlopened(const struct choice *choice)
{
	return asks_for_dlopened(&choice->selection) || asks_for_dlopened(&choice->exclude);
}

const struct gap *choice_gap(const struct choice *choice, const struct regions *regions)
{
	if (regions->exe_gap.source &&
	    (asks_for_exe(&choice->selection) || asks_for_exe(&choice->exclude)))
		return &regions->exe_gap;
	if (regions->dlopened_gap.source && choice_asks_for_dlopened(choice))
		return &regions->dlopened_gap;
	return NULL;
}

static void forget_hits(struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++) {
		struct term *term = &selection->terms[i];

		term->hit_before |= term->hits > 0;
		term->hits = 0;
	}
}

int choice_plan(struct choice *choice, struct plan *ret, struct arena *arena,
		const struct regions *regions, unsigned types)
{
	if (choice_gap(choice, regions))
		return CHOICE_UNKNOWN;
	forget_hits(&choice->selection);
	forget_hits(&choice->exclude);
	return plan_build(ret, arena, regions, &choice->selection, &choice->exclude,
			  &choice->reserved, types);
}

static void ignore_hits(struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++)
		selection->terms[i].hits = 0;
}

void choice_forget(struct choice *choice)
{
	ignore_hits(&choice->selection);
	ignore_hits(&choice->exclude);
}

bool choice_lacks_excluded(const struct choice *choice)
{
	for (size_t i = 0; i < choice->exclude.count; i++) {
		const struct term *term = &choice->exclude.terms[i];

		if (term_must_match(term, false) && term->hits == 0 && !term->hit_before)
			return true;
	}
	return false;
}

bool choice_next_miss(const struct choice *choice, bool follows, struct choice_miss *miss)
{
	size_t seal = choice->defaulted ? 0 : choice->selection.count;

	while (miss->pos < seal + choice->exclude.count) {
		size_t i = miss->pos++;
		bool sealing = i < seal;
		const struct term *term = sealing ? &choice->selection.terms[i] :
						    &choice->exclude.terms[i - seal];

		*miss = (struct choice_miss){
			.pos = i + 1, .option = sealing ? "--seal" : "--exclude", .term = term,
			.is_mistake = term_must_match(term, follows),
		};
		if (term->hits == 0 && (sealing || miss->is_mistake))
			return true;
	}
	return false;
}
