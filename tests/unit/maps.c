/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Rows of maps: every kind of name and number, and every kind of damage. */
#include "maps.h"

#include "fixture.h"
#include "tap.h"

#define ROW "1000-2000 r-xp 00003000 fe:01 77                         /usr/bin/true"

static void test_fields(void)
{
	struct world w;
	const struct vma *v;

	is(world_parse(&w, ROW "\n"), 0, "a row is read");
	is(w.maps.count, 1, "it is one row");
	v = &w.maps.vmas[0];
	is(v->start, 0x1000, "start");
	is(v->end, 0x2000, "end");
	is(v->perms, VMA_READ | VMA_EXEC, "permissions");
	is(v->offset, 0x3000, "offset");
	is(v->dev_major, 0xfe, "major device number");
	is(v->dev_minor, 1, "minor device number");
	is(v->inode, 77, "inode");
	is_str(v->name, "/usr/bin/true", "name");
	is(v->seal, SEAL_UNKNOWN, "maps does not show the seal");
	is(v->types, 0, "nor its types");
	world_close(&w);
}

static void test_permissions(void)
{
	static const struct { const char *text; unsigned perms; } cases[] = {
		{ "---p", 0 },
		{ "r--p", VMA_READ },
		{ "-w-p", VMA_WRITE },
		{ "--xp", VMA_EXEC },
		{ "---s", VMA_SHARED },
		{ "rwxs", VMA_READ | VMA_WRITE | VMA_EXEC | VMA_SHARED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		char text[64];

		snprintf(text, sizeof(text), "1000-2000 %s 0 0:0 0\n", cases[i].text);
		if (world_parse(&w, text) == 0)
			is(w.maps.vmas[0].perms, cases[i].perms, "%s", cases[i].text);
		else
			ok(false, "%s is read", cases[i].text);
		world_close(&w);
	}
}

/* A recording of a program that maps odd things, on Linux 6.18. */
static void test_recorded(void)
{
	static const struct { uint64_t start; const char *name; } names[] = {
		{ 0x10000000, "/srv/odd/two words" },
		{ 0x10010000, "/srv/odd/new\\012line" },
		{ 0x10020000, "/tmp/[vdso]" },
		{ 0x10030000, "/srv/odd/back\\012slash" },
		{ 0x10040000, "/srv/odd/trailing  " },
		{ 0x10050000, "/srv/odd/gone (deleted)" },
		{ 0x10060000, "/srv/odd/a (deleted)" },
		{ 0x10070000, "/srv/odd/tab\there" },
		{ 0x10090000, "anon_inode:[io_uring]" },
		{ 0x20000000, "/memfd:my memfd (deleted)" },
		{ 0x20030000, "[anon_shmem:named shm]" },
		{ 0x20040000, "[anon:my arena]" },
		{ 0x20060000, "" },
		{ 0x7f530003a000, "[vdso]" },
		{ 0xffffffffff600000, "[vsyscall]" },
	};
	struct world w;
	const struct vma *v;

	is(world_load(&w, "odd.maps"), 0, "the recording is read");
	is(w.maps.count, 46, "all of its rows");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		v = world_row(&w, names[i].start);
		is_str(v ? v->name : NULL, names[i].name, "the name at %" PRIx64,
		       names[i].start);
	}
	v = world_row(&w, 0x10080000);
	ok(v && v->dev_major == 0x103 && v->dev_minor == 2, "a device number of three digits");
	ok(v && v->inode == 4503599627370497, "an inode of more than 32 bits");
	v = world_row(&w, 0x10090000);
	ok(v && v->dev_major == 0xfffff && v->dev_minor == 0xffffe, "the longest device number");
	v = world_row(&w, 0xffffffffff600000);
	ok(v && v->end == 0xffffffffff601000 && v->perms == VMA_EXEC, "[vsyscall] is a row");
	world_close(&w);
}

/* Rows of one object share the bytes of its name, and only those. */
static void test_shared_names(void)
{
	struct world w;

	is(world_parse(&w,
		       "1000-2000 r--p 0 8:1 5 /lib/a.so\n"
		       "2000-3000 r-xp 0 8:1 5 /lib/a.so\n"
		       "3000-4000 r-xp 0 8:1 6 /lib/a.so.1\n"
		       "4000-5000 r-xp 0 8:1 7 /lib/a\n"
		       "5000-6000 rw-p 0 0:0 0\n"
		       "6000-7000 rw-p 0 0:0 0 \n"), 0, "six rows are read");
	ok(w.maps.vmas[0].name == w.maps.vmas[1].name, "equal names are stored once");
	is_str(w.maps.vmas[2].name, "/lib/a.so.1", "a longer name is its own");
	is_str(w.maps.vmas[3].name, "/lib/a", "a shorter name is its own");
	is_str(w.maps.vmas[4].name, "", "no name");
	is_str(w.maps.vmas[5].name, "", "no name behind a space");
	world_close(&w);
}

static void test_empty(void)
{
	struct world w;

	is(world_parse(&w, ""), 0, "no rows are no error");
	is(w.maps.count, 0, "and no rows");
	world_close(&w);
	is(world_parse(&w, "1000-2000 r--p 0 0:0 0"), 0, "no newline at the end");
	is(w.maps.count, 1, "is a row all the same");
	is_str(w.maps.vmas[0].name, "", "without a name");
	world_close(&w);
}

/* The kernel lets go of its lock between two reads: see proc(5) and fs/proc/task_mmu.c. */
static void test_overlap(void)
{
	struct world w;

	is(world_parse(&w,
		       "1000-3000 r--p 00000000 8:1 5 /a\n"
		       "2000-6000 r--p 00001000 8:1 5 /a\n"), 0, "a row that has grown is read");
	is(w.maps.count, 2, "as a row of its own");
	is(w.maps.vmas[1].start, 0x3000, "its start is cut");
	is(w.maps.vmas[1].end, 0x6000, "its end stays");
	is(w.maps.vmas[1].offset, 0x2000, "its offset moves along");
	world_close(&w);
	is(world_parse(&w, "1000-3000 r--p 0 0:0 0\n1000-3000 r--p 0 0:0 0\n"), -EBADMSG,
	   "a row that repeats the one before is refused");
	world_close(&w);
	is(world_parse(&w, "3000-4000 r--p 0 0:0 0\n1000-2000 r--p 0 0:0 0\n"), -EBADMSG,
	   "a row below the one before is refused");
	world_close(&w);
}

static void test_malformed(void)
{
	static const char *const rows[] = {
		"\n",
		ROW "\n\n",
		" " ROW,
		"x" ROW,
		"1000",
		"1000-",
		"1000-2000",
		"1000 2000 r--p 0 0:0 0",
		"1000-2000 ",
		"1000-2000 r--",
		"1000-2000 r--q 0 0:0 0",
		"1000-2000 rr-p 0 0:0 0",
		"1000-2000 wr-p 0 0:0 0",
		"1000-2000 r--p0 0:0 0",
		"1000-2000 r--p",
		"1000-2000 r--p 0",
		"1000-2000 r--p g 0:0 0",
		"1000-2000 r--p 0 00 0",
		"1000-2000 r--p 0 0: 0",
		"1000-2000 r--p 0 0:0",
		"1000-2000 r--p 0 0:0 ",
		"1000-2000 r--p 0 0:0 a",
		"1000-2000 r--p 0 0:0 0/name",
		"1000-2000 r--p 0 100000000:0 0",
		"1000-2000 r--p 0 0:100000000 0",
		"1000-2000 r--p 0 0:0 18446744073709551616",
		"1000-2000 r--p 10000000000000000 0:0 0",
		"1000-10000000000000000 r--p 0 0:0 0",
		"2000-1000 r--p 0 0:0 0",
		"1000-1000 r--p 0 0:0 0",
		"-1000-2000 r--p 0 0:0 0",
		"0x1000-0x2000 r--p 0 0:0 0",
		"Size: 4 kB\n",
		"VmFlags: rd sl\n",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;

		is(world_parse(&w, rows[i]), -EBADMSG, "malformed row %zu is refused", i);
		world_close(&w);
	}
}

static void test_nul(void)
{
	static const char in_name[] = "1000-2000 r--p 0 0:0 0 /a\0b\n";
	static const char in_row[] = "1000-2000 r\0-p 0 0:0 0 /ab\n";
	struct world w;

	world_open(&w);
	is(maps_append(&w.maps, &w.arena, in_name, sizeof(in_name) - 1), -EBADMSG,
	   "a NUL in a name is refused");
	is(maps_append(&w.maps, &w.arena, in_row, sizeof(in_row) - 1), -EBADMSG,
	   "a NUL in a row is refused");
	is(w.maps.count, 0, "neither is a row");
	world_close(&w);
}

/* The bytes behind LEN are not the parser's; the copy lets ASan see that. */
static void test_every_length(void)
{
	unsigned wrong = 0;

	for (size_t len = 0; len <= strlen(ROW); len++) {
		char *text = malloc(len > 0 ? len : 1);
		struct world w;
		int r;

		memcpy(text, ROW, len);
		world_open(&w);
		r = maps_append(&w.maps, &w.arena, text, len);
		wrong += r != 0 && r != -EBADMSG;
		wrong += w.maps.count != (len > 0 && r == 0);
		world_close(&w);
		free(text);
	}
	is(wrong, 0, "a row cut anywhere is a row or -EBADMSG");
}

int main(void)
{
	test_fields();
	test_permissions();
	test_recorded();
	test_shared_names();
	test_empty();
	test_overlap();
	test_malformed();
	test_nul();
	test_every_length();
	return tap_done();
}
