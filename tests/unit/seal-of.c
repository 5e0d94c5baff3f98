/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The seal state in smaps, and what maps_seal_of() makes of it. */
#include "maps.h"

#include "fixture.h"
#include "mseal.h"
#include "tap.h"

#define ROW "1000-2000 r--p 0 0:0 0\n"

static void check_row(const struct world *w, uint64_t start, enum seal_state seal,
		      unsigned types, const char *title)
{
	const struct vma *v = world_row(w, start);

	ok(v != NULL, "%s: has a row", title);
	if (v) {
		is(v->seal, seal, "%s: seal", title);
		is(v->types, types, "%s: types", title);
	}
}

static void test_mainline(void)
{
	struct world w;

	is(world_load(&w, "mainline.smaps"), 0, "a mainline kernel's smaps is read");
	is(w.maps.count, 9, "all of its rows");
	check_row(&w, 0x20060000, SEAL_SEALED, SEAL_ALL, "a sealed row");
	check_row(&w, 0x20061000, SEAL_NONE, 0, "the row behind it");
	check_row(&w, 0x10000000, SEAL_NONE, 0, "a file");
	check_row(&w, 0xffffffffff600000, SEAL_NONE, 0, "[vsyscall]");
	is_str(world_row(&w, 0x10010000)->name, "/srv/odd/new\\012line", "names are kept");
	world_close(&w);
}

static void test_typed(void)
{
	struct world w;

	is(world_load(&w, "typed.smaps"), 0, "a typed kernel's smaps is read");
	is(w.maps.count, 9, "all of its rows");
	check_row(&w, 0x20060000, SEAL_SEALED, SEAL_BASE | SEAL_PROT_PKEY,
		  "types before VmFlags");
	check_row(&w, 0x7f52ffe6b000, SEAL_SEALED, SEAL_ALL, "types behind VmFlags");
	check_row(&w, 0x20061000, SEAL_NONE, 0, "a row without");
	world_close(&w);
}

static void test_words(void)
{
	static const struct {
		const char *lines;
		enum seal_state seal;
		unsigned types;
	} cases[] = {
		{ "", SEAL_UNKNOWN, 0 },
		{ "Size: 4 kB\nTHPeligible: 0\n", SEAL_UNKNOWN, 0 },
		{ "VmFlags: rd sl\n", SEAL_SEALED, SEAL_ALL },
		{ "VmFlags: sl\n", SEAL_SEALED, SEAL_ALL },
		{ "VmFlags: sl", SEAL_SEALED, SEAL_ALL },
		{ "VmFlags:sl\n", SEAL_SEALED, SEAL_ALL },
		{ "VmFlags: rd   sl   mr \n", SEAL_SEALED, SEAL_ALL },
		{ "VmFlags:\n", SEAL_NONE, 0 },
		{ "VmFlags: \n", SEAL_NONE, 0 },
		{ "VmFlags: rd wr\n", SEAL_NONE, 0 },
		{ "VmFlags: slx xsl ls s l SL\n", SEAL_NONE, 0 },
		{ "VmFlags: s\n", SEAL_NONE, 0 },
		{ "VmFlagsX: sl\n", SEAL_UNKNOWN, 0 },
		{ "Vmflags: sl\n", SEAL_UNKNOWN, 0 },
		{ "Sealed: sl\n", SEAL_UNKNOWN, 0 },
		{ "VmFlags: sl\nSeals: base\n", SEAL_SEALED, SEAL_BASE },
		{ "Seals: base\nVmFlags: sl\n", SEAL_SEALED, SEAL_BASE },
		{ "VmFlags: sl\nSeals: basement seals\n", SEAL_SEALED, 0 },
		{ "Seals: basement seals\nVmFlags: sl\n", SEAL_SEALED, 0 },
		{ "VmFlags: sl\nSeals: discard new-type seal\n", SEAL_SEALED,
		  SEAL_DISCARD | SEAL_SEAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		char text[256], title[32];

		snprintf(text, sizeof(text), ROW "%s", cases[i].lines);
		snprintf(title, sizeof(title), "words %zu", i);
		is(world_parse(&w, text), 0, "%s are read", title);
		check_row(&w, 0x1000, cases[i].seal, cases[i].types, title);
		world_close(&w);
	}
}

/* A row cut because it overlaps keeps the fields that follow it. */
static void test_cut_row(void)
{
	struct world w;

	is(world_parse(&w, "1000-3000 r--p 0 0:0 0\nVmFlags: rd\n"
			   "2000-4000 r--p 0 0:0 0\nVmFlags: rd sl\n"), 0,
	   "overlapping smaps rows are read");
	check_row(&w, 0x1000, SEAL_NONE, 0, "the first row");
	check_row(&w, 0x3000, SEAL_SEALED, SEAL_ALL, "the cut row");
	world_close(&w);
}

/* 1000 sealed, 2000 sealed with two types, 3000 not, 5000 sealed, 6000 not said. */
static const char mixed[] =
	"1000-2000 r--p 0 0:0 0\nVmFlags: sl\n"
	"2000-3000 r--p 0 0:0 0\nSeals: base discard\nVmFlags: sl\n"
	"3000-4000 r--p 0 0:0 0\nVmFlags: rd\n"
	"5000-6000 r--p 0 0:0 0\nVmFlags: sl\n"
	"6000-7000 r--p 0 0:0 0\n";

static void test_ranges(void)
{
	static const struct {
		uint64_t start, end;
		enum seal_state seal;
		unsigned types;		/* meaningful when sealed */
	} cases[] = {
		{ 0x1000, 0x2000, SEAL_SEALED, SEAL_ALL },
		{ 0x2000, 0x3000, SEAL_SEALED, SEAL_BASE | SEAL_DISCARD },
		{ 0x1000, 0x3000, SEAL_SEALED, SEAL_BASE | SEAL_DISCARD },
		{ 0x1800, 0x1900, SEAL_SEALED, SEAL_ALL },
		{ 0x1fff, 0x2001, SEAL_SEALED, SEAL_BASE | SEAL_DISCARD },
		{ 0x3000, 0x4000, SEAL_NONE, 0 },
		{ 0x1000, 0x4000, SEAL_NONE, 0 },
		{ 0x2fff, 0x3001, SEAL_NONE, 0 },
		{ 0x5000, 0x6000, SEAL_SEALED, SEAL_ALL },
		{ 0x4000, 0x5000, SEAL_UNKNOWN, 0 },
		{ 0x4000, 0x6000, SEAL_UNKNOWN, 0 },
		{ 0x4fff, 0x5001, SEAL_UNKNOWN, 0 },
		{ 0x6000, 0x7000, SEAL_UNKNOWN, 0 },
		{ 0x5000, 0x7000, SEAL_UNKNOWN, 0 },
		{ 0x5000, 0x8000, SEAL_UNKNOWN, 0 },
		{ 0x0, 0x1000, SEAL_UNKNOWN, 0 },
		{ 0x0, 0x1001, SEAL_UNKNOWN, 0 },
		{ 0x7000, 0x8000, SEAL_UNKNOWN, 0 },
		{ 0x1000, UINT64_MAX, SEAL_NONE, 0 },
	};
	struct world w;

	is(world_parse(&w, mixed), 0, "mixed smaps are read");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned types = 0;
		enum seal_state seal = maps_seal_of(&w.maps, cases[i].start, cases[i].end,
						    &types);

		is(seal, cases[i].seal, "%" PRIx64 "-%" PRIx64 ": seal", cases[i].start,
		   cases[i].end);
		if (seal == SEAL_SEALED)
			is(types, cases[i].types, "%" PRIx64 "-%" PRIx64 ": types",
			   cases[i].start, cases[i].end);
	}
	is(maps_seal_of(&w.maps, 0x1000, 0x3000, NULL), SEAL_SEALED, "types may be left out");
	world_close(&w);
}

static void test_nothing_mapped(void)
{
	struct maps maps = { 0 };

	is(maps_seal_of(&maps, 0x1000, 0x2000, NULL), SEAL_UNKNOWN, "without maps nothing is known");
}

int main(void)
{
	test_mainline();
	test_typed();
	test_words();
	test_cut_row();
	test_ranges();
	test_nothing_mapped();
	return tap_done();
}
