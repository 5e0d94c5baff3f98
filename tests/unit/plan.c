/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* From regions to calls, and from what smaps says afterwards to results. */
#include "plan.h"

#include "mseal.h"
#include "page.h"
#include "process.h"
#include "tap.h"

static const struct elf_spec library = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R),
	LOAD(0x1000, 0x4000, PF_RX),
	LOAD(0x5000, 0x3000, PF_RW),
	RELRO(0x5000, 0x1000),
} };

static const struct object objects[OBJECTS] = { { 0x100000, &library } };

/* One writable mapping holds data and 8 KiB of the program's own memory. */
#define ROW_HEAD "100000-101000 r--p 0 8:1 5 /l\n"
#define ROW_TEXT "101000-105000 r-xp 1000 8:1 5 /l\n"
#define ROW_RELRO "105000-106000 r--p 5000 8:1 5 /l\n"
#define ROW_DATA "106000-10a000 rw-p 0 0:0 0\n"
#define ROW_STACK "7ff000-800000 rw-p 0 0:0 0 [stack]\n"
#define ROW_VSYSCALL "ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n"
#define SEALED "VmFlags: rd sl\n"
#define UNSEALED "VmFlags: rd\n"

#define MAPS ROW_HEAD ROW_TEXT ROW_RELRO ROW_DATA ROW_STACK ROW_VSYSCALL
#define SMAPS(head, text, relro, data) \
	ROW_HEAD head ROW_TEXT text ROW_RELRO relro ROW_DATA data \
	ROW_STACK UNSEALED ROW_VSYSCALL UNSEALED

struct planned {
	struct fake_process process;
	struct selection selection, exclude;
	struct plan plan;
};

static void parse_or_die(struct selection *ret, struct arena *arena, const char *list)
{
	struct select_error error;

	if (selection_parse(ret, arena, list, &error) < 0) {
		printf("Bail out! the test's own list \"%s\" is malformed\n", list);
		exit(1);
	}
}

static void make_plan(struct planned *p, const char *maps, const char *list, const char *exclude,
		      const struct plan_reserved *reserved, unsigned types)
{
	struct arena *arena = &p->process.world.arena;

	*p = (struct planned){ .plan.count = 0 };
	process_start(&p->process, maps, objects, 0);
	parse_or_die(&p->selection, arena, list);
	if (exclude)
		parse_or_die(&p->exclude, arena, exclude);
	if (plan_build(&p->plan, arena, &p->process.regions, &p->selection,
		       exclude ? &p->exclude : NULL, reserved, types) < 0) {
		printf("Bail out! no memory\n");
		exit(1);
	}
}

static void free_plan(struct planned *p)
{
	process_end(&p->process);
}

/* "START-END RESULT\n" for each item. */
static const char *plan_text(const struct plan *plan)
{
	static char text[4096];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < plan->count && at < sizeof(text) - 100; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%" PRIx64 "-%" PRIx64 " %s\n", plan->items[i].start,
				       plan->items[i].end,
				       plan_result_names[plan->items[i].result]);
	return text;
}

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

/* Calls that were made, with the answers they will get. */
struct calls {
	int answers[8];
	struct { uint64_t start, end; unsigned types; } made[8];
	size_t count;
};

/* The answer GONE: the call cannot be made. */
#define GONE (-ESRCH)

static int fake_seal(void *context, uint64_t start, uint64_t end, unsigned types,
		     int *ret_error)
{
	struct calls *c = context;
	int answer = c->answers[c->count];

	c->made[c->count].start = start;
	c->made[c->count].end = end;
	c->made[c->count].types = types;
	c->count++;
	if (answer == GONE)
		return GONE;
	*ret_error = answer;
	return 0;
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

/* Plan text, rodata, relro; seal with ANSWERS; verify against AFTER. */
static void verify(struct planned *p, const char *before, struct calls *calls, const char *after,
		   unsigned types)
{
	struct world smaps;

	make_plan(p, before, "text,rodata,relro", NULL, NULL, types);
	plan_seal(&p->plan, fake_seal, calls);
	if (world_parse(&smaps, after) < 0)
		abort();
	plan_verify(&p->plan, &smaps.maps);
	plan_note_replaced(&p->plan, &smaps.maps);
	world_close(&smaps);
}

static void test_verify(void)
{
	struct calls c = { .answers = { -ENOMEM, 0, 0, -ENOMEM } };
	struct planned p;

	verify(&p, MAPS, &c, SMAPS(SEALED, UNSEALED, UNSEALED, UNSEALED), SEAL_ALL);
	is_str(plan_text(&p.plan),
	       "100000-101000 sealed\n101000-105000 failed\n105000-106000 failed\n",
	       "only what is read back as sealed is sealed");
	is_str(plan_item_reason(&p.plan.items[1]),
	       "mseal claimed success, but there is no seal", "a false success is named");
	is_str(plan_item_reason(&p.plan.items[2]), mseal_error_reason(-ENOMEM, SEAL_ALL), "so is an error");
	is(p.plan.items[0].seal, SEAL_SEALED, "the state is as read back");
	is(p.plan.items[0].types, SEAL_ALL, "the types too");
	is(plan_count(&p.plan, PLAN_SEALED), 1, "one is counted as sealed");
	is(plan_count(&p.plan, PLAN_FAILED), 2, "two as failed");
	is(plan_count(&p.plan, PLAN_SKIPPED), 0, "none as skipped");
	is(plan_is_explained(&p.plan), false, "one failure is without an error");
	free_plan(&p);
}

static void test_verify_edges(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, MAPS, &c, MAPS, SEAL_ALL);
	is(plan_count(&p.plan, PLAN_FAILED), 3, "without a word in smaps nothing is sealed");
	free_plan(&p);
	c = (struct calls){ .answers = { 0 } };
	verify(&p, MAPS, &c, "", SEAL_ALL);
	is(plan_count(&p.plan, PLAN_FAILED), 3, "nor in a smaps that is empty");
	free_plan(&p);
	c = (struct calls){ .answers = { 0 } };
	verify(&p, SMAPS(SEALED, SEALED, "", ""), &c, SMAPS(SEALED, UNSEALED, SEALED, ""), SEAL_ALL);
	is_str(plan_text(&p.plan),
	       "100000-101000 already\n101000-105000 failed\n105000-106000 sealed\n",
	       "what was sealed already is looked at again");
	free_plan(&p);
	c = (struct calls){ .answers = { -EPERM, -EPERM, -EPERM, -EPERM } };
	verify(&p, MAPS, &c, SMAPS(SEALED, "", "", ""), SEAL_ALL);
	is(p.plan.items[0].result, PLAN_SEALED, "sealed is sealed, by any process");
	is(plan_is_explained(&p.plan), true, "each failure has its error");
	free_plan(&p);
}

/* Types that are there in part are not there. */
static void test_verify_types(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, MAPS, &c, SMAPS("Seals: base prot-pkey\n" SEALED, "Seals: base\n" SEALED,
				   SEALED, ""), SEAL_BASE | SEAL_PROT_PKEY);
	is_str(plan_text(&p.plan),
	       "100000-101000 sealed\n101000-105000 failed\n105000-106000 sealed\n",
	       "a missing type is a failure");
	is(p.plan.items[1].types, SEAL_BASE, "the types read back are shown");
	free_plan(&p);
}

/* The kernel splits and merges as it likes: half a seal is none. */
static void test_verify_split(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, MAPS, &c, ROW_HEAD SEALED
	       "101000-103000 r-xp 1000 8:1 5 /l\n" SEALED
	       "103000-105000 r-xp 3000 8:1 5 /l\n" UNSEALED
	       "105000-105800 r--p 5000 8:1 5 /l\n" SEALED, SEAL_ALL);
	is_str(plan_text(&p.plan),
	       "100000-101000 sealed\n101000-105000 failed\n105000-106000 failed\n",
	       "half a seal is none");
	free_plan(&p);
	c = (struct calls){ .answers = { 0 } };
	verify(&p, MAPS, &c, "100000-106000 r--p 0 8:1 5 /l\n" SEALED, SEAL_ALL);
	is(plan_count(&p.plan, PLAN_SEALED), 3, "one row around all of it will do");
	free_plan(&p);
}

/* What another mapping has is no seal of the one that was planned. */
static void test_verify_replaced(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, MAPS, &c, ROW_HEAD SEALED "101000-103000 r-xp 1000 8:1 5 /l\n" SEALED
	       "103000-105000 r-xp 0 0:0 0\n" SEALED "105000-106000 r--p 5000 8:1 6 /l\n" SEALED,
	       SEAL_ALL);
	is_str(plan_text(&p.plan),
	       "100000-101000 sealed\n101000-105000 failed\n105000-106000 failed\n",
	       "only a mapping of the same file can be sealed");
	is_str(plan_item_reason(&p.plan.items[1]), "another mapping has taken its place",
	       "the reason is named");
	free_plan(&p);
}

static void test_verify_skipped(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, ROW_HEAD ROW_TEXT "105000-107000 rw-p 5000 8:1 5 /l\n", &c,
	       SMAPS(SEALED, SEALED, UNSEALED, ""), SEAL_ALL);
	is(p.plan.items[2].result, PLAN_SKIPPED, "what was skipped stays skipped");
	is(plan_count(&p.plan, PLAN_SEALED), 2, "the rest is sealed");
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
	test_verify();
	test_verify_edges();
	test_verify_types();
	test_verify_split();
	test_verify_replaced();
	test_verify_skipped();
	test_tiny_arenas();
	return tap_done();
}
