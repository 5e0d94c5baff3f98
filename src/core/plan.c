/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "plan.h"

#include <errno.h>

#include "mseal.h"

const char *const plan_result_names[PLAN_RESULT_COUNT] = {
	[PLAN_WOULD_SEAL] = "would-seal",
	[PLAN_SKIPPED]    = "skipped",
	[PLAN_FAILED]     = "failed",
	[PLAN_SEALED]     = "sealed",
	[PLAN_ALREADY]    = "already",
};

static int append_item(struct plan *plan, struct arena *arena, struct plan_item item)
{
	struct plan_item *items = arena_make_room(arena, plan->items, plan->count,
						  &plan->capacity, sizeof(*items));

	if (!items)
		return ARENA_FULL;
	plan->items = items;
	plan->items[plan->count++] = item;
	return 0;
}

static bool has_types(enum seal_state seal, unsigned types, unsigned wanted)
{
	return seal == SEAL_SEALED && (types & wanted) == wanted;
}

static enum plan_result first_result(const struct region *region, unsigned types)
{
	if (has_types(region->vma->seal, region->vma->types, types))
		return PLAN_ALREADY;
	return region->blocker == BLOCKER_NONE ? PLAN_WOULD_SEAL : PLAN_SKIPPED;
}

/* The end of the piece at POS over which all the answers stay the same. */
static uint64_t piece_end(const struct region *region, uint64_t pos,
			  const struct selection *selection, const struct selection *exclude,
			  const struct plan_reserved *reserved)
{
	uint64_t end = selection_next(selection, pos, region->end);

	if (exclude)
		end = selection_next(exclude, pos, end);
	if (reserved && reserved->start > pos && reserved->start < end)
		end = reserved->start;
	if (reserved && reserved->end > pos && reserved->end < end)
		end = reserved->end;
	return end;
}

/* Append what is selected of REGION. */
static int plan_region(struct plan *plan, struct arena *arena, const struct region *region,
		       struct selection *selection, struct selection *exclude,
		       const struct plan_reserved *reserved)
{
	uint64_t end;

	for (uint64_t pos = region->start; pos < region->end; pos = end) {
		bool excluded;
		int r;

		end = piece_end(region, pos, selection, exclude, reserved);
		if (reserved && pos >= reserved->start && pos < reserved->end)
			continue;
		/* asked first: what it excludes need not be selected to be there */
		excluded = exclude && selection_has(exclude, region, pos);
		if (!selection_has(selection, region, pos) || excluded)
			continue;
		r = append_item(plan, arena, (struct plan_item){
			.start = pos,
			.end = end,
			.region = region,
			.result = first_result(region, plan->types),
			.seal = region->vma->seal,
			.types = region->vma->types,
			.wanted = plan->types,
		});
		if (r < 0)
			return r;
	}
	return 0;
}

int plan_build(struct plan *ret, struct arena *arena, const struct regions *regions,
	       struct selection *selection, struct selection *exclude,
	       const struct plan_reserved *reserved, unsigned types)
{
	struct plan plan = { .types = types };

	for (size_t i = 0; i < regions->count; i++) {
		int r = plan_region(&plan, arena, &regions->items[i], selection, exclude,
				    reserved);
		if (r < 0)
			return r;
	}
	*ret = plan;
	return 0;
}

int plan_seal(struct plan *plan, plan_seal_fn *seal, void *context)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_item *item = &plan->items[i];
		int r;

		if (item->result != PLAN_WOULD_SEAL)
			continue;
		r = seal(context, item->start, item->end, plan->types, &item->error);
		if (r < 0)
			return r;
	}
	return 0;
}

static void read_seal(struct plan_item *item, const struct maps *maps)
{
	item->types = 0;
	item->seal = maps_seal_of(maps, item->start, item->end, &item->types);
}

void plan_note_already(struct plan *plan, const struct maps *maps)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_item *item = &plan->items[i];

		read_seal(item, maps);
		if (has_types(item->seal, item->types, plan->types))
			item->result = PLAN_ALREADY;
	}
}

void plan_verify(struct plan *plan, const struct maps *maps)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_item *item = &plan->items[i];
		bool sealed;

		read_seal(item, maps);
		sealed = has_types(item->seal, item->types, plan->types);
		if (item->result == PLAN_WOULD_SEAL)
			item->result = sealed ? PLAN_SEALED : PLAN_FAILED;
		else if (item->result == PLAN_ALREADY && !sealed)
			item->result = PLAN_FAILED;
	}
}

size_t plan_count(const struct plan *plan, enum plan_result result)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->count; i++)
		n += plan->items[i].result == result;
	return n;
}

bool plan_item_is_sealed(const struct plan_item *item)
{
	return item->result == PLAN_SEALED || item->result == PLAN_ALREADY;
}

const char *plan_item_reason(const struct plan_item *item)
{
	if (item->result == PLAN_SKIPPED)
		return region_blocker_reasons[item->region->blocker];
	if (item->result != PLAN_FAILED)
		return "";
	if (item->error == 0)
		return "mseal claimed success, but there is no seal";
	return mseal_error_reason(item->error, item->wanted);
}

/* Has ITEM failed as any other range of the process would? */
static bool is_general(const struct plan_item *item)
{
	return item->result == PLAN_FAILED && (item->error == -ENOSYS || item->error == -EPERM);
}

void plan_item_line(const struct plan_item *item, struct line *line)
{
	const char *reason = plan_item_reason(item);

	if (is_general(item)) {
		line_text(line, "cannot seal: ");
		line_text(line, reason);
		return;
	}
	line_text(line, item->result == PLAN_SEALED ? "sealed " :
			item->result == PLAN_ALREADY ? "already sealed " : "cannot seal ");
	line_range(line, item->start, item->end);
	line_text(line, " (");
	line_text(line, region_class_names[item->region->class]);
	line_text(line, " of ");
	line_text(line, region_object(item->region));
	line_text(line, reason[0] ? "): " : ")");
	line_text(line, reason);
}

bool plan_report(const struct plan *plan, bool best_effort, plan_say_fn *say, void *context)
{
	bool complete = true;
	int general = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		if (plan_item_is_sealed(item)) {
			say(context, PLAN_VERBOSE, item);
			continue;
		}
		if (complete || (best_effort && !(is_general(item) && item->error == general)))
			say(context, best_effort ? PLAN_WARNING : PLAN_ERROR, item);
		if (is_general(item))
			general = item->error;
		complete = false;
	}
	return complete;
}
