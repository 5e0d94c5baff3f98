/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* From regions to calls; plan-verify.c has what follows. */
#include "plan.h"

#include "mseal.h"
#include "page.h"
#include "planned.h"
#include "tap.h"

/* How many items break a promise of plan.h. */
static size_t plan_broken(const struct plan *plan, const struct plan_reserved *reserved)
{
	uint64_t page = page_size();
	size_t broken = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		broken += item->start >= item->end;
		broken += item->start % page != 0 || item->end % page != 0;
		broken += i > 0 && item->start < plan->items[i - 1].end;
		broken += item->start < item->region->start || item->end > item->region->end;
		broken += item->region->class == CLASS_NONE;
		broken += reserved && item->start < reserved->end && item->end > reserved->start;
		broken += item->result == PLAN_WOULD_SEAL && item->region->blocker != BLOCKER_NONE;
	}
	return broken;
}

static void test_builds(void)
{
	static const struct { const char *list, *exclude, *want; } cases[] = {
		{ "text", NULL, "101000-105000 would-seal\n" },
		{ "text,rodata,relro", NULL,
		  "100000-101000 would-seal\n101000-105000 would-seal\n105000-106000 would-seal\n" },
		{ "data", NULL, "106000-108000 would-seal\n" },
		{ "anon", NULL, "108000-10a000 would-seal\n" },
		{ "heap", NULL, "" },
		{ "all", "text,data,anon,stack",
		  "100000-101000 would-seal\n105000-106000 would-seal\n" },
		{ "all", "all", "" },
		{ "text", "heap", "101000-105000 would-seal\n" },
		{ "text", "0x102000-0x103000",
		  "101000-102000 would-seal\n103000-105000 would-seal\n" },
		{ "text", "0x100000-0x102000", "102000-105000 would-seal\n" },
		{ "text", "0x104000-0x200000", "101000-104000 would-seal\n" },
		{ "text", "0x101000-0x105000", "" },
		{ "text", "name:/l", "" },
		{ "0x102000-0x103000", NULL, "102000-103000 would-seal\n" },
		{ "0x104000-0x107000", NULL,
		  "104000-105000 would-seal\n105000-106000 would-seal\n106000-107000 would-seal\n" },
		{ "0x107000-0x109000", NULL,
		  "107000-108000 would-seal\n108000-109000 would-seal\n" },
		{ "0x0-0x100000", NULL, "" },
		{ "0x10a000-0x7ff000", NULL, "" },
		{ "0x7ff000-0xfffffffffffff000", NULL, "7ff000-800000 would-seal\n" },
		{ "0x101000-0x103000,0x104000-0x105000", "0x102000-0x104000",
		  "101000-102000 would-seal\n104000-105000 would-seal\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct planned p;

		make_plan(&p, MAPS, cases[i].list, cases[i].exclude, NULL, SEAL_ALL);
		is_str(plan_text(&p.plan), cases[i].want, "%s without %s", cases[i].list,
		       cases[i].exclude ? cases[i].exclude : "anything");
		is(plan_broken(&p.plan, NULL), 0, "%s: keeps its promises", cases[i].list);
		free_plan(&p);
	}
}

static void test_no_vsyscall(void)
{
	struct planned p;

	make_plan(&p, MAPS, "all,name:*,0xffffffffff600000-0xffffffffff601000", NULL, NULL,
		  SEAL_ALL);
	is(plan_broken(&p.plan, NULL), 0, "[vsyscall] is never planned");
	is(p.plan.items[p.plan.count - 1].end, 0x800000, "the stack is the last");
	is(p.selection.terms[2].hits, 0, "its range has no hits");
	free_plan(&p);
}

/* The shim's own memory lies in the middle of what it seals. */
static void test_reserved(void)
{
	static const struct { struct plan_reserved reserved; const char *want; } cases[] = {
		{ { 0x102000, 0x103000 }, "101000-102000 would-seal\n103000-105000 would-seal\n" },
		{ { 0x101000, 0x102000 }, "102000-105000 would-seal\n" },
		{ { 0x104000, 0x106000 }, "101000-104000 would-seal\n" },
		{ { 0x100000, 0x200000 }, "" },
		{ { 0x101000, 0x105000 }, "" },
		{ { 0x105000, 0x106000 }, "101000-105000 would-seal\n" },
		{ { 0, 0 }, "101000-105000 would-seal\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct planned p;

		make_plan(&p, MAPS, "text,0x102000-0x104000", NULL, &cases[i].reserved, SEAL_ALL);
		is(plan_broken(&p.plan, &cases[i].reserved), 0, "reserved %zu: is left out", i);
		free_plan(&p);
		make_plan(&p, MAPS, "text", NULL, &cases[i].reserved, SEAL_ALL);
		is_str(plan_text(&p.plan), cases[i].want, "reserved %zu: the rest is planned", i);
		free_plan(&p);
	}
}

static void test_holds(void)
{
	static const char loading[] =
		ROW_HEAD ROW_TEXT "105000-107000 rw-p 5000 8:1 5 /l\n107000-108000 rw-p 0 0:0 0\n";
	struct planned p;

	make_plan(&p, loading, "text,relro", NULL, NULL, SEAL_ALL);
	is_str(plan_text(&p.plan), "101000-105000 would-seal\n105000-106000 skipped\n",
	       "a RELRO still writable is skipped");
	is_str(plan_item_reason(&p.plan.items[1]), region_blocker_reasons[BLOCKER_RELRO_WRITABLE],
	       "with its reason");
	is_str(plan_item_reason(&p.plan.items[0]), "", "the rest needs none");
	free_plan(&p);
}

static void test_already(void)
{
	static const struct { const char *row; unsigned types; enum plan_result result; } cases[] = {
		{ "", SEAL_ALL, PLAN_WOULD_SEAL },
		{ UNSEALED, SEAL_ALL, PLAN_WOULD_SEAL },
		{ SEALED, SEAL_ALL, PLAN_ALREADY },
		{ SEALED, SEAL_BASE, PLAN_ALREADY },
		{ "Seals: base\n" SEALED, SEAL_BASE, PLAN_ALREADY },
		{ "Seals: base\n" SEALED, SEAL_ALL, PLAN_WOULD_SEAL },
		{ "Seals: base\n" SEALED, SEAL_BASE | SEAL_DISCARD, PLAN_WOULD_SEAL },
		{ "Seals: base discard seal\n" SEALED, SEAL_BASE | SEAL_DISCARD, PLAN_ALREADY },
		{ "Seals: base\n" UNSEALED, SEAL_BASE, PLAN_WOULD_SEAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct planned p, q;
		char maps[256];

		snprintf(maps, sizeof(maps), ROW_HEAD ROW_TEXT "%s", cases[i].row);
		make_plan(&p, maps, "text", NULL, NULL, cases[i].types);
		is(p.plan.items[0].result, cases[i].result, "seals %zu: in the maps planned from", i);
		make_plan(&q, MAPS, "text", NULL, NULL, cases[i].types);
		plan_note_already(&q.plan, &p.process.world.maps);
		is(q.plan.items[0].result, cases[i].result, "seals %zu: in a smaps read later", i);
		plan_note_already(&q.plan, &q.process.world.maps);
		is(q.plan.items[0].result, PLAN_WOULD_SEAL, "seals %zu: in another smaps", i);
		free_plan(&p);
		free_plan(&q);
	}
}

/* What is sealed already is so, even if it could not be sealed now. */
static void test_already_held(void)
{
	struct planned p;

	make_plan(&p, ROW_HEAD ROW_TEXT "105000-107000 rw-p 5000 8:1 5 /l\n" SEALED, "relro", NULL,
		  NULL, SEAL_ALL);
	is(p.plan.items[0].result, PLAN_ALREADY, "a sealed RELRO is already, writable or not");
	free_plan(&p);
}

/* "START-END ANSWER\n" for each call. */
static const char *calls_text(const struct calls *c)
{
	static char text[512];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < c->count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%" PRIx64 "-%" PRIx64 " %d\n",
				       c->made[i].start, c->made[i].end, c->answers[i]);
	return text;
}

static void test_seal(void)
{
	struct calls c = { .answers = { 0, 0 } };
	struct planned p;

	make_plan(&p, SMAPS("", SEALED, "", ""), "text,rodata,relro,data", NULL, NULL,
		  SEAL_BASE | SEAL_SEAL);
	is(plan_calls(&p.plan), 2, "the calls are counted before");
	is(plan_seal(&p.plan, fake_seal, &c), 0, "all calls are made");
	is_str(calls_text(&c), "100000-101000 0\n105000-108000 0\n",
	       "one for neighbours; none for what is sealed already, nor across it");
	is(c.made[1].types, SEAL_BASE | SEAL_SEAL, "for the types");
	is(plan_count(&p.plan, PLAN_WOULD_SEAL), 3, "results wait for smaps");
	free_plan(&p);
	c = (struct calls){ .answers = { 0 } };
	make_plan(&p, MAPS, "rodata,relro", NULL, NULL, SEAL_ALL);
	plan_seal(&p.plan, fake_seal, &c);
	is_str(calls_text(&c), "100000-101000 0\n105000-106000 0\n",
	       "none across what is not selected");
	free_plan(&p);
}

static void test_seal_fails(void)
{
	struct calls c = { .answers = { -EACCES, 0, -ENOMEM, -EINVAL, 0 } };
	struct planned p;

	make_plan(&p, MAPS, "text,rodata,relro,stack", NULL, NULL, SEAL_ALL);
	is(plan_seal(&p.plan, fake_seal, &c), 0, "a call that fails is no error");
	is_str(calls_text(&c),
	       "100000-106000 -13\n100000-101000 0\n101000-105000 -12\n105000-106000 -22\n"
	       "7ff000-800000 0\n", "if neighbours fail, each gets its own call");
	is(p.plan.items[0].error, 0, "and its own success,");
	is(p.plan.items[1].error, -ENOMEM, "error,");
	is(p.plan.items[2].error, -EINVAL, "and other error");
	is(p.plan.items[3].error, 0, "the rest follows");
	free_plan(&p);
	c = (struct calls){ .answers = { -EACCES } };
	make_plan(&p, MAPS, "text", NULL, NULL, SEAL_ALL);
	plan_seal(&p.plan, fake_seal, &c);
	is(c.count, 1, "one row is not tried twice");
	is(p.plan.items[0].error, -EACCES, "its error is noted");
	free_plan(&p);
}

static void test_seal_gone(void)
{
	struct calls c = { .answers = { -ENOMEM, 0, GONE } };
	struct planned p;

	make_plan(&p, MAPS, "text,rodata,relro", NULL, NULL, SEAL_ALL);
	is(plan_seal(&p.plan, fake_seal, &c), GONE, "a call that cannot be made is an error");
	is(c.count, 3, "and no more calls are made");
	free_plan(&p);
	c = (struct calls){ .answers = { GONE } };
	make_plan(&p, MAPS, "text,rodata", NULL, NULL, SEAL_ALL);
	is(plan_seal(&p.plan, fake_seal, &c), GONE, "so is the first");
	is(c.count, 1, "for neighbours");
	is(p.plan.items[0].error, 0, "which is not mseal's error");
	free_plan(&p);
}

static void test_seal_skips(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	make_plan(&p, ROW_HEAD ROW_TEXT "105000-107000 rw-p 5000 8:1 5 /l\n", "relro", NULL, NULL,
		  SEAL_ALL);
	is(plan_seal(&p.plan, fake_seal, &c), 0, "nothing to seal is no error");
	is(c.count, 0, "what is held back is left alone");
	free_plan(&p);
}

static void test_tiny_arenas(void)
{
	struct planned p;
	size_t size, wrong = 0;
	int r = ARENA_FULL;

	make_plan(&p, MAPS, "all", NULL, NULL, SEAL_ALL);
	for (size = 1; r != 0 && size < 300 * sizeof(struct plan_item); size++) {
		char *buf = calloc(1, size);
		struct arena a = { .base = buf, .size = size };
		struct plan plan = { .count = 77 };

		r = plan_build(&plan, &a, &p.process.regions, &p.selection, NULL, NULL, SEAL_ALL);
		wrong += r != ARENA_FULL && r != 0;
		wrong += plan.count != (r == 0 ? p.plan.count : 77);
		free(buf);
	}
	is(wrong, 0, "ARENA_FULL, and nothing returned, at every size that is too small");
	is(r, 0, "and success at %zu", size - 1);
	free_plan(&p);
}

int main(void)
{
	if (page_size() != 0x1000) {
		printf("1..0 # SKIP the images are made for pages of 4096 bytes\n");
		return 0;
	}
	test_builds();
	test_no_vsyscall();
	test_reserved();
	test_holds();
	test_already();
	test_already_held();
	test_seal();
	test_seal_fails();
	test_seal_gone();
	test_seal_skips();
	test_tiny_arenas();
	return tap_done();
}
