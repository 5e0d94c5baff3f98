/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Selections, and the plans made from them.
 *
 * Input: a byte of options, then the list of --seal, up to a newline, then the
 * list of --exclude if there is one.  A plan must hold exactly the pages that
 * the two lists say, page by page.
 */
#include "fuzz.h"

#include "../unit/fake-process.h"
#include "mseal.h"
#include "page.h"
#include "plan.h"

static const char rows[] =
	"100000-101000 r--p 0 8:1 5 /usr/lib/libssl.so.3\n"
	"101000-103000 r-xp 1000 8:1 5 /usr/lib/libssl.so.3\nVmFlags: rd ex sl\n"
	"103000-104000 r--p 3000 8:1 5 /usr/lib/libssl.so.3\nSeals: base\nVmFlags: rd sl\n"
	"104000-108000 rw-p 0 0:0 0\nVmFlags: rd wr\n"
	"200000-201000 r--p 0 8:1 6 /usr/bin/a,b (deleted)\n"
	"201000-202000 r-xp 1000 8:1 6 /usr/bin/a,b (deleted)\n"
	"202000-204000 rw-p 2000 8:1 6 /usr/bin/a,b (deleted)\n"
	"204000-20a000 rw-p 0 0:0 0 [heap]\n"
	"300000-302000 r--p 0 8:1 7 /tmp/[vdso]\n"
	"400000-402000 rw-s 0 0:1 8 /memfd:m (deleted)\n"
	"500000-502000 rw-p 0 0:0 0 [anon:my arena]\n"
	"700000-701000 r-xp 0 0:0 0 [vdso]\n"
	"7ff000-803000 rw-p 0 0:0 0 [stack]\n"
	"ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n";

/* Its first page of data is RELRO, the last four bss. */
static const struct elf_spec library = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R),
	LOAD(0x1000, 0x2000, PF_RX),
	LOAD(0x3000, 0x4000, PF_RW),
	RELRO(0x3000, 0x1000),
} };

static const struct elf_spec program = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R),
	LOAD(0x1000, 0x1000, PF_RX),
	LOAD(0x2000, 0x4000, PF_RW),
	RELRO(0x2000, 0x1000),
} };

static const struct object objects[OBJECTS] = { { 0x100000, &library }, { 0x200000, &program } };

static bool parse(struct selection *ret, struct arena *arena, const char *list)
{
	struct select_error error = { .fault = SELECT_OK };
	int r = selection_parse(ret, arena, list, &error);

	must(r == 0 || r == -EINVAL);
	if (r < 0) {
		must(error.fault > SELECT_OK && error.fault < SELECT_FAULT_COUNT);
		must(error.term >= list && error.term + error.term_len <= list + strlen(list));
		return false;
	}
	must(ret->count > 0);
	for (size_t i = 0; i < ret->count; i++) {
		const struct term *t = &ret->terms[i];

		must(t->text_len > 0 && t->text >= list);
		must(t->text + t->text_len <= list + strlen(list));
		must(t->hits == 0);
		must(t->kind != TERM_RANGE || t->start < t->end);
	}
	return true;
}

static bool is_reserved(const struct plan_reserved *reserved, uint64_t pos)
{
	return reserved && pos >= reserved->start && pos < reserved->end;
}

/* The item that has POS; *NEXT is where to look, and moves on. */
static const struct plan_item *item_at(const struct plan *plan, size_t *next, uint64_t pos)
{
	while (*next < plan->count && plan->items[*next].end <= pos)
		++*next;
	if (*next == plan->count || plan->items[*next].start > pos)
		return NULL;
	return &plan->items[*next];
}

/* Page by page, the plan is what the lists say. */
static void check_pages(const struct plan *plan, const struct regions *regions,
			struct selection *selection, struct selection *exclude,
			const struct plan_reserved *reserved)
{
	size_t next = 0;

	for (size_t i = 0; i < regions->count; i++) {
		const struct region *r = &regions->items[i];

		for (uint64_t pos = r->start; pos < r->end; pos += page_size()) {
			const struct plan_item *item = item_at(plan, &next, pos);
			bool wanted = selection_has(selection, r, pos) &&
				      !(exclude && selection_has(exclude, r, pos)) &&
				      !is_reserved(reserved, pos);

			must((item != NULL) == wanted);
			must(!item || item->region == r);
		}
	}
}

static void check_items(const struct plan *plan)
{
	uint64_t pos = 0;

	must(plan->count <= plan->capacity);
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		must(item->start >= pos && item->end > item->start);
		must(item->start % page_size() == 0 && item->end % page_size() == 0);
		must(item->start >= item->region->start && item->end <= item->region->end);
		must(item->region->class != CLASS_NONE);
		must(item->result == PLAN_ALREADY || (item->result == PLAN_SKIPPED) ==
		     (item->region->blocker != BLOCKER_NONE));
		must(item->result == PLAN_ALREADY || item->result == PLAN_SKIPPED ||
		     item->result == PLAN_WOULD_SEAL);
		must(plan_item_reason(item));
		pos = item->end;
	}
}

static int count_bytes(void *context, uint64_t start, uint64_t end, unsigned types,
		       int *ret_error)
{
	must(start < end && types);
	*(uint64_t *)context += end - start;
	*ret_error = 0;
	return 0;
}

static uint64_t bytes_to_seal(const struct plan *plan)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].result == PLAN_WOULD_SEAL)
			sum += plan->items[i].end - plan->items[i].start;
	return sum;
}

/* Calls are made for exactly what must be sealed, and nothing is assumed. */
static void check_seal(struct plan *plan, const struct maps *maps)
{
	size_t wanted = plan_count(plan, PLAN_WOULD_SEAL);
	uint64_t bytes = bytes_to_seal(plan), sealed = 0;

	must(plan_seal(plan, count_bytes, &sealed) == 0);
	must(sealed == bytes);
	plan_verify(plan, maps);
	must(plan_count(plan, PLAN_WOULD_SEAL) == 0);
	/* the maps are those from before: what was not sealed then is not now */
	must(plan_count(plan, PLAN_SEALED) == 0);
	must(plan_count(plan, PLAN_FAILED) == wanted);
}

static void check_plan(struct fake_process *p, uint8_t options, struct selection *selection,
		       struct selection *exclude)
{
	static const struct plan_reserved reserved = { 0x102000, 0x202000 };
	const struct plan_reserved *kept = options & 16 ? &reserved : NULL;
	unsigned types = options & SEAL_ALL ? options & SEAL_ALL : SEAL_ALL;
	struct plan plan = { .count = 0 };

	must(plan_build(&plan, &p->world.arena, &p->regions, selection, exclude, kept, types) == 0);
	must(plan.types == types);
	check_items(&plan);
	check_pages(&plan, &p->regions, selection, exclude, kept);
	check_seal(&plan, &p->world.maps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct selection selection = { .count = 0 }, exclude = { .count = 0 };
	struct fake_process p;
	char *list, *second;

	/* lists come from a command line, which has no NUL; long ones only cost time */
	if (size < 1 || size > 4096 || memchr(data + 1, '\0', size - 1))
		return 0;
	list = strndup((const char *)data + 1, size - 1);
	must(list);
	second = strchr(list, '\n');
	if (second)
		*second++ = '\0';
	process_start(&p, rows, objects, 0x200040);
	if (parse(&selection, &p.world.arena, list) &&
	    (!second || parse(&exclude, &p.world.arena, second)))
		check_plan(&p, data[0], &selection, second ? &exclude : NULL);
	process_end(&p);
	free(list);
	return 0;
}
