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

static enum plan_result first_result(const struct region *region, bool sealed)
{
	if (sealed)
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
	const struct vma *vma = region->vma;
	bool sealed = has_types(vma->seal, vma->types, plan->types);
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
			.result = first_result(region, sealed),
			.seal = vma->seal,
			.types = vma->types,
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

/* The end of the run that begins at FIRST: rows to be sealed, without a gap. */
static size_t run_end(const struct plan *plan, size_t first)
{
	const struct plan_item *items = plan->items;
	size_t end = first + 1;

	while (end < plan->count && items[end].result == PLAN_WOULD_SEAL &&
	       items[end].start == items[end - 1].end)
		end++;
	return end;
}

/* Seal the run from FIRST to END; row by row if one call cannot, to know which fails. */
static int seal_run(struct plan *plan, size_t first, size_t end, plan_seal_fn *seal,
		    void *context)
{
	struct plan_item *items = plan->items;
	int error = 0;
	int r = seal(context, items[first].start, items[end - 1].end, plan->types, &error);

	for (size_t i = first; i < end && r == 0; i++) {
		items[i].error = error;
		if (error < 0 && end > first + 1)
			r = seal(context, items[i].start, items[i].end, plan->types,
				 &items[i].error);
	}
	return r;
}

int plan_seal(struct plan *plan, plan_seal_fn *seal, void *context)
{
	size_t end;
	int r = 0;

	for (size_t i = 0; i < plan->count && r == 0; i = end) {
		end = i + 1;
		if (plan->items[i].result != PLAN_WOULD_SEAL)
			continue;
		end = run_end(plan, i);
		r = seal_run(plan, i, end, seal, context);
	}
	return r;
}

size_t plan_calls(const struct plan *plan)
{
	size_t end, calls = 0;

	for (size_t i = 0; i < plan->count; i = end) {
		bool wanted = plan->items[i].result == PLAN_WOULD_SEAL;

		end = wanted ? run_end(plan, i) : i + 1;
		calls += wanted;
	}
	return calls;
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
		item->result = first_result(item->region, has_types(item->seal, item->types,
								    plan->types));
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

/* Does MAPS show, where ITEM is, a mapping of anything but its file? */
static bool is_replaced(const struct plan_item *item, const struct maps *maps)
{
	const struct vma *planned = item->region->vma, *vma;

	for (uint64_t pos = item->start; planned->inode != 0 && pos < item->end; pos = vma->end) {
		vma = maps_at(maps, pos);
		if (!vma || !vma_same_file(vma, planned))
			return vma != NULL;
	}
	return false;
}

/* Is ITEM sealed with all wanted types, by this plan or before it? */
static bool is_sealed(const struct plan_item *item)
{
	return item->result == PLAN_SEALED || item->result == PLAN_ALREADY;
}

void plan_note_replaced(struct plan *plan, const struct maps *maps)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_item *item = &plan->items[i];

		item->replaced = is_sealed(item) && is_replaced(item, maps);
		if (item->replaced)
			item->result = PLAN_FAILED;
	}
}

void plan_note_no_call(struct plan *plan, const char *reason)
{
	for (size_t i = 0; i < plan->count; i++)
		plan->items[i].no_call = reason;
}

bool plan_is_explained(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].result == PLAN_FAILED && plan->items[i].error == 0)
			return false;
	return true;
}

size_t plan_count(const struct plan *plan, enum plan_result result)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->count; i++)
		n += plan->items[i].result == result;
	return n;
}

const char *plan_item_reason(const struct plan_item *item)
{
	if (item->result == PLAN_SKIPPED)
		return region_blocker_reasons[item->region->blocker];
	if (item->result != PLAN_FAILED)
		return "";
	if (item->error == 0 && item->replaced)
		return "another mapping has taken its place";
	if (item->error == 0 && item->no_call)
		return item->no_call;
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

		if (is_sealed(item)) {
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
