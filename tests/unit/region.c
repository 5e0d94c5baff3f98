/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Classifying the mappings of a process: ELF objects. */
#include "region.h"

#include "page.h"
#include "fake-process.h"
#include "tap.h"

/* RELRO is the first two pages of the data, the file's last page the third, bss two more. */
static const struct elf_spec usual = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R),
	LOAD(0x1000, 0x2000, PF_RX),
	LOAD(0x3000, 0x1000, PF_R),
	LOAD_AT(0x3e00, 0x4e00, 0x4200, PF_RW),
	RELRO(0x4e00, 0x1200),
} };

/* Linked for pages of 2 MiB: there is room between the segments. */
static const struct elf_spec sparse = { .phdrs = {
	LOAD(0x0, 0x2000, PF_RX),
	LOAD_AT(0x2000, 0x202000, 0x2000, PF_RW),
	RELRO(0x202000, 0x1000),
} };

static const struct elf_spec fixed = { .type = ET_EXEC, .phdrs = {
	LOAD_AT(0, 0x400000, 0x1000, PF_R),
	LOAD_AT(0x1000, 0x401000, 0x1000, PF_RX),
	LOAD_AT(0x2000, 0x402000, 0x1800, PF_RW),
} };

static const struct elf_spec small = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R),
	LOAD(0x1000, 0x1000, PF_RX),
} };

static const struct elf_spec wx = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R | PF_W | PF_X),
} };

struct region_case {
	const char *title;
	const char *maps;
	struct object objects[OBJECTS];
	const char *want;
};

#define HEAD(file) \
	"100000-101000 r--p 00000000 8:1 5 " file "\n" \
	"101000-103000 r-xp 00001000 8:1 5 " file "\n" \
	"103000-104000 r--p 00003000 8:1 5 " file "\n"
#define RELRO_DATA(file) \
	"104000-106000 r--p 00003000 8:1 5 " file "\n" \
	"106000-107000 rw-p 00005000 8:1 5 " file "\n"
#define HEAD_IS "100000-101000 rodata\n101000-103000 text\n103000-104000 rodata\n"
#define RELRO_DATA_IS "104000-106000 relro\n106000-107000 data\n"

static const struct region_case loaded[] = {
	{ "no rows", "", { { 0, NULL } }, "" },
	{ "an object",
	  HEAD("/a.so") RELRO_DATA("/a.so") "107000-109000 rw-p 0 0:0 0\n",
	  { { 0x100000, &usual } },
	  HEAD_IS RELRO_DATA_IS "107000-109000 data\n" },
	{ "an object before its RELRO is protected",
	  HEAD("/a.so") "104000-107000 rw-p 3000 8:1 5 /a.so\n107000-109000 rw-p 0 0:0 0\n",
	  { { 0x100000, &usual } },
	  HEAD_IS "104000-106000 relro writable-relro\n106000-107000 data\n"
	  "107000-109000 data\n" },
	{ "bss merged with anonymous memory",
	  HEAD("/a.so") RELRO_DATA("/a.so") "107000-10c000 rw-p 0 0:0 0\n",
	  { { 0x100000, &usual } },
	  HEAD_IS RELRO_DATA_IS "107000-109000 data\n109000-10c000 anon\n" },
	{ "bss merged with the heap",
	  HEAD("/a") RELRO_DATA("/a") "107000-10c000 rw-p 0 0:0 0 [heap]\n",
	  { { 0x100000, &usual } },
	  HEAD_IS RELRO_DATA_IS "107000-109000 data\n109000-10c000 heap\n" },
	{ "bss with a name",
	  HEAD("/a.so") RELRO_DATA("/a.so") "107000-109000 rw-p 0 0:0 0 [anon:.bss]\n",
	  { { 0x100000, &usual } },
	  HEAD_IS RELRO_DATA_IS "107000-109000 data\n" },
	{ "text moved to huge pages of anonymous memory",
	  "100000-101000 r--p 0 8:1 5 /a.so\n101000-103000 r-xp 0 0:0 0\n"
	  "103000-104000 r--p 3000 8:1 5 /a.so\n" RELRO_DATA("/a.so")
	  "107000-109000 rw-p 0 0:0 0\n",
	  { { 0x100000, &usual } },
	  HEAD_IS RELRO_DATA_IS "107000-109000 data\n" },
	{ "text being relocated",
	  "100000-101000 r--p 0 8:1 5 /a.so\n101000-103000 rwxp 1000 8:1 5 /a.so\n"
	  "103000-104000 r--p 3000 8:1 5 /a.so\n" RELRO_DATA("/a.so")
	  "107000-109000 rw-p 0 0:0 0\n",
	  { { 0x100000, &usual } },
	  "100000-101000 rodata\n101000-103000 text relocating\n103000-104000 rodata\n"
	  RELRO_DATA_IS "107000-109000 data\n" },
	{ "rodata being relocated, a page of it",
	  "100000-101000 r--p 0 8:1 5 /a.so\n101000-103000 r-xp 1000 8:1 5 /a.so\n"
	  "103000-104000 rw-p 3000 8:1 5 /a.so\n" RELRO_DATA("/a.so")
	  "107000-109000 rw-p 0 0:0 0\n",
	  { { 0x100000, &usual } },
	  "100000-101000 rodata\n101000-103000 text\n103000-104000 rodata relocating\n"
	  RELRO_DATA_IS "107000-109000 data\n" },
	{ "text that its headers make writable",
	  "100000-101000 rwxp 0 8:1 5 /wx\n", { { 0x100000, &wx } }, "100000-101000 text\n" },
	{ "an object whose file is gone",
	  HEAD("/a.so (deleted)") RELRO_DATA("/a.so (deleted)") "107000-109000 rw-p 0 0:0 0\n",
	  { { 0x100000, &usual } },
	  HEAD_IS RELRO_DATA_IS "107000-109000 data\n" },
	{ "a program at a fixed address",
	  "400000-401000 r--p 0 8:1 5 /p\n401000-402000 r-xp 1000 8:1 5 /p\n"
	  "402000-403000 rw-p 2000 8:1 5 /p\n403000-404000 rw-p 0 0:0 0\n"
	  "404000-425000 rw-p 0 0:0 0 [heap]\n",
	  { { 0x400000, &fixed } },
	  "400000-401000 rodata\n401000-402000 text\n402000-403000 data\n"
	  "403000-404000 data\n404000-425000 heap\n" },
};

static const struct region_case neighbours[] = {
	{ "a gap that the object keeps",
	  "100000-102000 r-xp 0 8:1 5 /s\n102000-302000 ---p 2000 8:1 5 /s\n"
	  "302000-303000 r--p 2000 8:1 5 /s\n303000-304000 rw-p 3000 8:1 5 /s\n",
	  { { 0x100000, &sparse } },
	  "100000-102000 text\n102000-302000 rodata\n302000-303000 relro\n303000-304000 data\n" },
	{ "strangers in a gap that is not mapped",
	  "100000-102000 r-xp 0 8:1 5 /s\n110000-112000 rw-p 0 0:0 0\n"
	  "120000-121000 r--p 0 8:1 9 /data\n130000-131000 rw-s 0 0:1 9 /memfd:x\n"
	  "302000-303000 r--p 2000 8:1 5 /s\n303000-304000 rw-p 3000 8:1 5 /s\n",
	  { { 0x100000, &sparse } },
	  "100000-102000 text\n110000-112000 anon\n120000-121000 file\n130000-131000 shm\n"
	  "302000-303000 relro\n303000-304000 data\n" },
	{ "an object in a gap",
	  "100000-102000 r-xp 0 8:1 5 /s\n"
	  "200000-201000 r--p 0 8:1 6 /b\n201000-202000 r-xp 1000 8:1 6 /b\n"
	  "302000-303000 r--p 2000 8:1 5 /s\n303000-304000 rw-p 3000 8:1 5 /s\n",
	  { { 0x100000, &sparse }, { 0x200000, &small } },
	  "100000-102000 text\n200000-201000 rodata\n201000-202000 text\n"
	  "302000-303000 relro\n303000-304000 data\n" },
	{ "two copies side by side",
	  "100000-101000 r--p 0 8:1 6 /b\n101000-102000 r-xp 1000 8:1 6 /b\n"
	  "102000-103000 r--p 0 8:1 6 /b\n103000-104000 r-xp 1000 8:1 6 /b\n",
	  { { 0x100000, &small }, { 0x102000, &small } },
	  "100000-101000 rodata\n101000-102000 text\n102000-103000 rodata\n103000-104000 text\n" },
	{ "two objects whose inodes are equal on two devices",
	  "100000-101000 r--p 0 8:1 6 /b\n101000-102000 r-xp 1000 8:1 6 /b\n"
	  "102000-103000 r--p 0 8:2 6 /c\n103000-104000 r-xp 1000 8:2 6 /c\n",
	  { { 0x100000, &small }, { 0x102000, &small } },
	  "100000-101000 rodata\n101000-102000 text\n102000-103000 rodata\n103000-104000 text\n" },
	{ "another file where all but the header of an object should be",
	  "100000-101000 r--p 0 8:1 6 /b\n101000-102000 r--p 0 8:1 7 /data\n",
	  { { 0x100000, &small } },
	  "100000-101000 file\n101000-102000 file\n" },
	{ "a file without code whose page is not there",
	  "100000-101000 r--p 0 8:1 6 /b\n101000-102000 r--p 1000 8:1 6 /b\n",
	  { { 0, NULL } }, "100000-101000 file\n101000-102000 file\n" },
	{ "an object in shared mappings",
	  "100000-101000 r--s 0 8:1 6 /b\n101000-102000 r-xs 1000 8:1 6 /b\n",
	  { { 0x100000, &small } }, "100000-101000 file\n101000-102000 file\n" },
	{ "an object from a memfd",
	  "100000-101000 r--p 0 0:1 6 /memfd:b (deleted)\n"
	  "101000-102000 r-xp 1000 0:1 6 /memfd:b (deleted)\n",
	  { { 0x100000, &small } }, "100000-101000 rodata\n101000-102000 text\n" },
};

static void run_all(const struct region_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct region_case *c = &cases[i];
		struct fake_process p;

		process_start(&p, c->maps, c->objects, 0);
		is(p.result, 0, "%s: can be classified", c->title);
		is_str(regions_text(&p.regions), c->want, "%s: classes", c->title);
		is(regions_torn(&p.regions, &p.world.maps), 0, "%s: tiles the rows", c->title);
		process_end(&p);
	}
}

#define RUN_ALL(cases) run_all(cases, sizeof(cases) / sizeof((cases)[0]))

static const struct region *region_at(const struct fake_process *p, uint64_t start)
{
	for (size_t i = 0; i < p->regions.count; i++)
		if (p->regions.items[i].start == start)
			return &p->regions.items[i];
	printf("Bail out! no region at %" PRIx64 "\n", start);
	exit(1);
}

static void test_object_names(void)
{
	static const struct object mapped[OBJECTS] = { { 0x100000, &usual } };
	struct fake_process p;

	process_start(&p,
		      HEAD("/a.so (deleted)") RELRO_DATA("/a.so (deleted)")
		      "107000-10c000 rw-p 0 0:0 0\n"
		      "200000-201000 rw-p 0 0:0 0 [heap]\n"
		      "300000-301000 r--p 0 8:1 9 /data (deleted)\n", mapped, 0);
	is_str(region_object(region_at(&p, 0x100000)), "/a.so", "an object's path is not marked");
	is_str(region_object(region_at(&p, 0x107000)), "/a.so", "its bss has the path too");
	is_str(region_object(region_at(&p, 0x109000)), "", "what lies behind has none");
	is_str(region_object(region_at(&p, 0x200000)), "[heap]", "else the name stands");
	is_str(region_at(&p, 0x100000)->vma->name, "/a.so (deleted)", "the row's name is as shown");
	process_end(&p);
}

/* The main program is the innermost image around AT_PHDR, and that alone. */
static void test_exe(void)
{
	static const struct object mapped[OBJECTS] = {
		{ 0x100000, &sparse }, { 0x200000, &small }, { 0x400000, &fixed },
	};
	static const char maps[] =
		"100000-102000 r-xp 0 8:1 5 /s\n"
		"200000-201000 r--p 0 8:1 6 /b\n201000-202000 r-xp 1000 8:1 6 /b\n"
		"302000-303000 r--p 2000 8:1 5 /s\n303000-304000 rw-p 3000 8:1 5 /s\n"
		"400000-401000 r--p 0 8:1 7 /p\n401000-402000 r-xp 1000 8:1 7 /p\n"
		"402000-403000 rw-p 2000 8:1 7 /p\n403000-404000 rw-p 0 0:0 0\n";
	static const struct { const char *title; uint64_t phdr; bool s, b, p; } cases[] = {
		{ "unknown", 0, false, false, false },
		{ "in the program", 0x400040, false, false, true },
		{ "in the first object", 0x100040, true, false, false },
		{ "in the object in its gap", 0x200040, false, true, false },
		{ "nowhere", 0x500040, false, false, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_process p;

		process_start(&p, maps, mapped, cases[i].phdr);
		is(region_at(&p, 0x100000)->image->is_exe, cases[i].s,
		   "AT_PHDR %s: the first object", cases[i].title);
		is(region_at(&p, 0x200000)->image->is_exe, cases[i].b,
		   "AT_PHDR %s: the object in its gap", cases[i].title);
		is(region_at(&p, 0x403000)->image->is_exe, cases[i].p,
		   "AT_PHDR %s: the program", cases[i].title);
		process_end(&p);
	}
}

static int deny(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	(void)m, (void)addr, (void)buf, (void)len;
	return -EPERM;
}

/* What may be code is not called a file because it cannot be read. */
static void test_unreadable(void)
{
	static const char maps[] =
		"100000-101000 r--p 0 8:1 6 /b\n101000-102000 r-xp 1000 8:1 6 /b\n";
	const struct memory denied = { .read = deny };
	struct fake_process p;

	process_start(&p, maps, NULL, 0);
	is(p.result, -EFAULT, "the first page of an object is not there");
	is(regions_build(&p.regions, &p.world.arena, &p.world.maps, &denied, 0), -EPERM,
	   "its memory must not be read");
	process_end(&p);
	process_start(&p, "100000-101000 r-xp 0 8:1 6 /b\n", NULL, 0);
	is(p.result, -EFAULT, "so for code in the first page");
	process_end(&p);
}

static void test_tiny_arenas(void)
{
	static const struct object mapped[OBJECTS] = { { 0x100000, &usual } };
	struct fake_process p;
	size_t size, wrong = 0;
	int r = ARENA_FULL;

	process_start(&p, HEAD("/a (deleted)") RELRO_DATA("/a (deleted)"), mapped, 0);
	for (size = 1; r != 0 && size < 300 * sizeof(struct region); size++) {
		char *buf = calloc(1, size);
		struct arena a = { .base = buf, .size = size };
		struct regions regions = { .count = 77 };

		r = regions_build(&regions, &a, &p.world.maps, &p.memory.memory, 0);
		wrong += r != ARENA_FULL && r != 0;
		wrong += regions.count != (r == 0 ? p.regions.count : 77);
		free(buf);
	}
	is(wrong, 0, "ARENA_FULL, and nothing returned, at every size that is too small");
	is(r, 0, "and success at %zu", size - 1);
	process_end(&p);
}

int main(void)
{
	if (page_size() != 0x1000) {
		printf("1..0 # SKIP the images are made for pages of 4096 bytes\n");
		return 0;
	}
	RUN_ALL(loaded);
	RUN_ALL(neighbours);
	test_object_names();
	test_exe();
	test_unreadable();
	test_tiny_arenas();
	return tap_done();
}
