/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The words of --seal and --exclude: what they mean, and what is wrong with them. */
#include "select.h"

#include <errno.h>
#include <stdlib.h>

#include "choice.h"
#include "page.h"
#include "tap.h"

#define CLASS_BIT(class) (1u << (class))
#define ALL_CLASSES (CLASS_BIT(CLASS_COUNT) - 1 - CLASS_BIT(CLASS_NONE))

static const struct vma text_row = { 0x1000, 0x5000, .name = "/usr/lib/libssl.so.3" };
static const struct vma gone_row = { 0x5000, 0x6000, .name = "/opt/gone.so (deleted)" };
static const struct vma exe_row = { 0x6000, 0x7000, .name = "/usr/bin/two words, one" };
static const struct vma heap_row = { 0x7000, 0x8000, .name = "[heap]" };
static const struct vma anon_row = { 0x8000, 0x9000, .name = "" };
static const struct vma named_row = { 0x9000, 0xa000, .name = "[anon:my arena]" };
static const struct vma file_row = { 0xa000, 0xb000, .name = "/tmp/[vdso]" };
static const struct vma lost_row = { 0xb000, 0xc000, .name = "/srv/data (deleted)" };
static const struct vma shm_row = { 0xc000, 0xd000, .name = "/memfd:buf (deleted)" };
static const struct vma vsys_row = { 0xd000, 0xe000, .name = "[vsyscall]" };

static const struct vma ssl_header = { .name = "/usr/lib/libssl.so.3" };
static struct image ssl = { .path = "/usr/lib/libssl.so.3", .header = &ssl_header };
static const struct vma gone_header = { .name = "/opt/gone.so (deleted)" };
static struct image gone = { .path = "/opt/gone.so", .header = &gone_header,
			     .dlopened = DLOPENED_YES };
static const struct vma exe_header = { .name = "/usr/bin/two words, one" };
static struct image exe = { .path = "/usr/bin/two words, one", .header = &exe_header,
			    .is_exe = true };

/* One letter each, in this order, is what the tests expect of a selection. */
static const struct { char letter; struct region region; } world[] = {
	{ 'T', { 0x1000, 0x2000, CLASS_TEXT, BLOCKER_NONE, &text_row, &ssl } },
	{ 'R', { 0x2000, 0x3000, CLASS_RODATA, BLOCKER_NONE, &text_row, &ssl } },
	{ 'L', { 0x3000, 0x4000, CLASS_RELRO, BLOCKER_RELRO_WRITABLE, &text_row, &ssl } },
	{ 'D', { 0x4000, 0x5000, CLASS_DATA, BLOCKER_NONE, &text_row, &ssl } },
	{ 'G', { 0x5000, 0x6000, CLASS_TEXT, BLOCKER_NONE, &gone_row, &gone } },
	{ 'X', { 0x6000, 0x7000, CLASS_TEXT, BLOCKER_NONE, &exe_row, &exe } },
	{ 'H', { 0x7000, 0x8000, CLASS_HEAP, BLOCKER_NONE, &heap_row, NULL } },
	{ 'A', { 0x8000, 0x9000, CLASS_ANON, BLOCKER_NONE, &anon_row, NULL } },
	{ 'N', { 0x9000, 0xa000, CLASS_ANON, BLOCKER_NONE, &named_row, NULL } },
	{ 'F', { 0xa000, 0xb000, CLASS_FILE, BLOCKER_NONE, &file_row, NULL } },
	{ 'Y', { 0xb000, 0xc000, CLASS_FILE, BLOCKER_NONE, &lost_row, NULL } },
	{ 'S', { 0xc000, 0xd000, CLASS_SHM, BLOCKER_NONE, &shm_row, NULL } },
	{ 'V', { 0xd000, 0xe000, CLASS_NONE, BLOCKER_NO_VMA, &vsys_row, NULL } },
};

#define WORLD (sizeof(world) / sizeof(world[0]))

struct parsed {
	struct arena arena;
	struct selection selection;
	struct select_error error;
	int result;
};

static void parse(struct parsed *p, const char *list)
{
	*p = (struct parsed){ .arena = ARENA_INIT };
	if (arena_map(&p->arena, 1 << 16) < 0)
		abort();
	p->result = selection_parse(&p->selection, &p->arena, list, &p->error);
}

static void parsed_free(struct parsed *p)
{
	arena_unmap(&p->arena);
}

static const char *letters_of(const char *list)
{
	static char letters[WORLD + 1];
	struct parsed p;
	size_t n = 0;

	parse(&p, list);
	for (size_t i = 0; p.result == 0 && i < WORLD; i++)
		if (selection_has(&p.selection, &world[i].region, world[i].region.start))
			letters[n++] = world[i].letter;
	letters[n] = '\0';
	parsed_free(&p);
	return p.result == 0 ? letters : "(fault)";
}

static void test_selects(void)
{
	static const struct { const char *list, *letters; } cases[] = {
		{ "text", "TGX" }, { "rodata", "R" }, { "relro", "L" }, { "data", "D" },
		{ "stack", "" }, { "heap", "H" }, { "vdso", "" }, { "anon", "AN" },
		{ "file", "FY" }, { "shm", "S" },
		{ "all", "TRLDGXHANFYS" },
		{ SELECT_DEFAULT, "TRLGX" },
		{ "text,text", "TGX" },
		{ "heap,text", "TGXH" },
		{ "text:*", "TGX" },
		{ "text:libssl.so.3", "T" },
		{ "text:libssl*", "T" },
		{ "text:libssl.so.?", "T" },
		{ "text:libssl", "" },
		{ "text:/usr/lib/libssl.so.3", "T" },
		{ "text:/usr/*", "TX" },
		{ "text:lib/libssl.so.3", "" },
		{ "text:*lib/libssl.so.3", "T" },
		{ "all:libssl*", "TRLD" },
		{ "text:@exe", "X" },
		{ "all:@exe", "X" },
		{ "heap:@exe", "" },
		{ "dlopened", "G" },
		{ "dlopened:*/gone.so", "G" },
		{ "dlopened:@exe", "" },
		{ "dlopened:lib*", "" },
		{ "text:\\@exe", "" },
		{ "text:two words\\, one", "X" },
		{ "text:two words?, one", "(fault)" },
		{ "text:two*", "X" },
		{ "heap:[heap]", "H" },
		{ "heap:[heap", "" },
		{ "anon:[anon:*]", "N" },
		{ "anon:*", "AN" },
		{ "anon:?*", "N" },
		{ "file:[vdso]", "F" },
		{ "vdso:[vdso]", "" },
		{ "name:[heap]", "H" },
		{ "name:[vdso]", "" },
		{ "name:*[vdso]", "F" },
		{ "name:[anon:my arena]", "N" },
		{ "name:/usr/lib/*", "TRLD" },
		{ "name:libssl.so.3", "" },
		{ "name:@exe", "" },
		{ "name:*", "TRLDGXHANFYS" },
		{ "name:[vsyscall]", "" },
		{ "all:[vsyscall]", "" },
		{ "0x1000-0x2000", "T" },
		{ "0x0-0x1000", "" },
		{ "0x6000-0x9000", "XHA" },
		{ "0x6000-0x7000,0xa000-0xB000", "XF" },
		{ "0xd000-0xe000", "" },
		{ "heap,0x1000-0x2000,name:*arena]", "THN" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(letters_of(cases[i].list), cases[i].letters, "%s", cases[i].list);
}

/* " (deleted)" may be left out, and may be there: it is what show and maps print. */
static void test_deleted(void)
{
	static const struct { const char *list, *letters; } cases[] = {
		{ "text:gone.so", "G" },
		{ "text:/opt/gone.so", "G" },
		{ "text:gone.so (deleted)", "G" },
		{ "text:/opt/gone.so (deleted)", "G" },
		{ "text:* (deleted)", "G" },
		{ "name:/opt/gone.so (deleted)", "G" },
		{ "name:/opt/gone.so", "G" },
		{ "file:data (deleted)", "Y" },
		{ "file:data", "Y" },
		{ "file:/srv/data", "Y" },
		{ "name:/srv/data", "Y" },
		{ "shm:/memfd:buf (deleted)", "S" },
		{ "shm:memfd:buf", "S" },
		{ "name:/memfd:buf", "S" },
		{ "name:/srv/dat", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(letters_of(cases[i].list), cases[i].letters, "%s", cases[i].list);
}

static void test_terms(void)
{
	static const char list[] = "text,all:@exe,name:a\\,b,0x1000-0x3000,data:lib*";
	struct parsed p;
	const struct term *t;

	parse(&p, list);
	is(p.result, 0, "a list of five terms is read");
	is(p.selection.count, 5, "it has five terms");
	t = p.selection.terms;
	is(t[0].kind, TERM_CLASS, "the first is a class");
	is(t[0].classes, CLASS_BIT(CLASS_TEXT), "of one bit");
	ok(!t[0].glob && !t[0].exe, "without a glob");
	ok(t[0].text == list && t[0].text_len == 4, "its text is the list's");
	is(t[1].classes & ALL_CLASSES, ALL_CLASSES, "all is all classes that can be sealed");
	ok(!(t[1].classes & CLASS_BIT(CLASS_NONE)), "and no other");
	ok(t[1].exe && !t[1].glob, "@exe is no glob");
	is(t[2].kind, TERM_NAME, "the third is a name");
	ok(t[2].glob_len == 4 && memcmp(t[2].glob, "a\\,b", 4) == 0, "its comma is its own");
	is(t[3].kind, TERM_RANGE, "the fourth is a range");
	is(t[3].start, 0x1000, "its start");
	is(t[3].end, 0x3000, "its end");
	ok(t[4].glob_len == 4 && memcmp(t[4].glob, "lib*", 4) == 0, "the last glob");
	is(t[4].hits, 0, "nothing has been selected yet");
	parsed_free(&p);
}

/* Every fault, with the term that it names. */
static void test_faults(void)
{
	static const struct {
		const char *list;
		enum select_fault fault;
		const char *term;
	} cases[] = {
		{ "", SELECT_EMPTY, "" },
		{ ",", SELECT_EMPTY, "" },
		{ "text,", SELECT_EMPTY, "" },
		{ "text,,data", SELECT_EMPTY, "" },
		{ "Text", SELECT_CLASS, "Text" },
		{ "tex", SELECT_CLASS, "tex" },
		{ "texts", SELECT_CLASS, "texts" },
		{ " text", SELECT_CLASS, " text" },
		{ "text data", SELECT_CLASS, "text data" },
		{ "text,bogus,data", SELECT_CLASS, "bogus" },
		{ "bogus:x", SELECT_CLASS, "bogus:x" },
		{ "name", SELECT_CLASS, "name" },
		{ ":x", SELECT_CLASS, ":x" },
		{ "-", SELECT_CLASS, "-" },
		{ "@exe", SELECT_CLASS, "@exe" },
		{ "tex\\t", SELECT_CLASS, "tex\\t" },
		{ "vsyscall", SELECT_CLASS, "vsyscall" },
		{ "text:", SELECT_GLOB, "text:" },
		{ "name:", SELECT_GLOB, "name:" },
		{ "all:,text", SELECT_GLOB, "all:" },
		{ "text:a\\", SELECT_ESCAPE, "text:a\\" },
		{ "text:\\", SELECT_ESCAPE, "text:\\" },
		{ "text:\\\\\\", SELECT_ESCAPE, "text:\\\\\\" },
		{ "name:a,text:@foo", SELECT_AT, "text:@foo" },
		{ "text:@", SELECT_AT, "text:@" },
		{ "text:@exe2", SELECT_AT, "text:@exe2" },
		{ "all:@Exe", SELECT_AT, "all:@Exe" },
		{ "0", SELECT_RANGE, "0" },
		{ "0x1000", SELECT_RANGE, "0x1000" },
		{ "0x1000-", SELECT_RANGE, "0x1000-" },
		{ "0x1000-0x", SELECT_RANGE, "0x1000-0x" },
		{ "0x-0x1000", SELECT_RANGE, "0x-0x1000" },
		{ "1000-2000", SELECT_RANGE, "1000-2000" },
		{ "0x1000-2000", SELECT_RANGE, "0x1000-2000" },
		{ "0X1000-0X2000", SELECT_RANGE, "0X1000-0X2000" },
		{ "0x1000-0x2000 ", SELECT_RANGE, "0x1000-0x2000 " },
		{ "0x1000-0x2000-0x3000", SELECT_RANGE, "0x1000-0x2000-0x3000" },
		{ "0x1000:0x2000", SELECT_RANGE, "0x1000:0x2000" },
		{ "0x1000-0x10000000000000000", SELECT_RANGE, "0x1000-0x10000000000000000" },
		{ "text,0x1001-0x2000", SELECT_ALIGN, "0x1001-0x2000" },
		{ "0x1000-0x2001,text", SELECT_ALIGN, "0x1000-0x2001" },
		{ "0x1000-0xffffffffffffffff", SELECT_ALIGN, "0x1000-0xffffffffffffffff" },
		{ "0x2000-0x1000", SELECT_ORDER, "0x2000-0x1000" },
		{ "0x1000-0x1000", SELECT_ORDER, "0x1000-0x1000" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct parsed p;

		parse(&p, cases[i].list);
		is(p.result, -EINVAL, "\"%s\" is refused", cases[i].list);
		is(p.error.fault, cases[i].fault, "\"%s\": fault", cases[i].list);
		ok(p.error.term && p.error.term_len == strlen(cases[i].term) &&
		   strncmp(p.error.term, cases[i].term, p.error.term_len) == 0,
		   "\"%s\": names the term", cases[i].list);
		is(p.selection.count, 0, "\"%s\": nothing is returned", cases[i].list);
		parsed_free(&p);
	}
}

static void test_escapes(void)
{
	struct parsed p;

	parse(&p, "text:a\\\\,data");
	is(p.result, 0, "a comma behind an escaped backslash");
	is(p.selection.count, 2, "ends the term");
	parsed_free(&p);
	parse(&p, "text:a\\,data");
	is(p.selection.count, 1, "an escaped comma does not");
	parsed_free(&p);
	is_str(letters_of("name:\\/usr/bin/two\\ words\\, one"), "X", "anything may be escaped");
	is_str(letters_of("name:/usr/bin/two\\*"), "", "an escaped '*' is none");
}

/* A range cuts a region: a query at POS gets the answer of that page. */
static void test_ranges(void)
{
	static const struct vma row = { .start = 0x10000, .end = 0x20000, .name = "" };
	static const struct region r = { 0x10000, 0x20000, CLASS_ANON, BLOCKER_NONE, &row, NULL };
	struct parsed p;

	parse(&p, "0x12000-0x14000,0x13000-0x15000,0x0-0x11000");
	is(p.result, 0, "three ranges are read");
	ok(selection_has(&p.selection, &r, 0x10000), "the first page is in a range");
	ok(!selection_has(&p.selection, &r, 0x11000), "the page behind its end is not");
	ok(selection_has(&p.selection, &r, 0x12000), "a range has its start");
	ok(selection_has(&p.selection, &r, 0x14fff), "and its last byte");
	ok(!selection_has(&p.selection, &r, 0x15000), "and not its end");
	is(selection_next(&p.selection, 0x10000, 0x20000), 0x11000, "next: an end");
	is(selection_next(&p.selection, 0x11000, 0x20000), 0x12000, "next: a start");
	is(selection_next(&p.selection, 0x12000, 0x20000), 0x13000, "next: a start inside another");
	is(selection_next(&p.selection, 0x13000, 0x20000), 0x14000, "next: an end inside another");
	is(selection_next(&p.selection, 0x14000, 0x14800), 0x14800, "next: never behind the limit");
	is(selection_next(&p.selection, 0x15000, 0x20000), 0x20000, "next: the limit");
	parsed_free(&p);
	parse(&p, "text,heap:x");
	is(selection_next(&p.selection, 0x10000, 0x20000), 0x20000, "classes cut nothing");
	parsed_free(&p);
}

static void test_hits(void)
{
	struct parsed p;

	parse(&p, "text,all:libssl*,heap:nothing,0x1000-0x3000");
	for (size_t i = 0; i < WORLD; i++)
		selection_has(&p.selection, &world[i].region, world[i].region.start);
	is(p.selection.terms[0].hits, 3, "a class counts its regions");
	is(p.selection.terms[1].hits, 4, "a glob counts its own, selected before or not");
	is(p.selection.terms[2].hits, 0, "a term that matches nothing has no hits");
	is(p.selection.terms[3].hits, 2, "a range counts too");
	parsed_free(&p);
}

/* Make a plan for what is in the world from START on, and return it. */
static struct plan plan_from(struct choice *choice, struct arena *arena, uint64_t start)
{
	static struct region regions[WORLD];
	struct regions part = { .items = regions };
	struct plan plan = { .count = 0 };

	for (size_t i = 0; i < WORLD; i++)
		if (world[i].region.start >= start)
			regions[part.count++] = world[i].region;
	is(choice_plan(choice, &plan, arena, &part, 1), 0, "a plan is made");
	return plan;
}

static void test_forgotten_plan(void)
{
	struct arena arena = ARENA_INIT;
	struct select_error error;
	struct choice choice;

	if (arena_map(&arena, 1 << 16) < 0)
		abort();
	is(choice_parse(&choice, &arena, "text:libssl*", NULL, &error), 0, "a choice is parsed");
	is(plan_from(&choice, &arena, 0x1000).count, 1, "a plan of one row");
	choice_forget(&choice);
	is(plan_from(&choice, &arena, 0x5000).count, 0, "and one of none");
	ok(!choice.selection.terms[0].hit_before, "a plan that was forgotten has matched nothing");
	is(plan_from(&choice, &arena, 0x1000).count, 1, "a plan of one row again");
	is(plan_from(&choice, &arena, 0x5000).count, 0, "and one of none");
	ok(choice.selection.terms[0].hit_before, "a plan that was not has");
	arena_unmap(&arena);
}

static void test_tiny_arenas(void)
{
	size_t size, wrong = 0;
	int r = ARENA_FULL;

	for (size = 1; r != 0 && size < 8 * sizeof(struct term); size++) {
		char *buf = calloc(1, size);
		struct arena a = { .base = buf, .size = size };
		struct selection s = { .count = 77 };
		struct select_error e;

		r = selection_parse(&s, &a, "text,data,name:x", &e);
		wrong += r != ARENA_FULL && r != 0;
		wrong += s.count != (r == 0 ? 3 : 77);
		free(buf);
	}
	is(wrong, 0, "ARENA_FULL, and nothing returned, at every size that is too small");
	is(r, 0, "and success at %zu", size - 1);
}

int main(void)
{
	if (page_size() != 0x1000) {
		printf("1..0 # SKIP the ranges are made for pages of 4096 bytes\n");
		return 0;
	}
	test_selects();
	test_deleted();
	test_terms();
	test_faults();
	test_escapes();
	test_ranges();
	test_hits();
	test_forgotten_plan();
	test_tiny_arenas();
	return tap_done();
}
