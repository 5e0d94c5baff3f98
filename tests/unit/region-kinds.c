/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Classifying the mappings of a process: no ELF objects, and what only looks like one. */
#include "region.h"

#include "own-memory.h"
#include "page.h"
#include "fake-process.h"
#include "tap.h"

static void test_kinds(void)
{
	static const struct { const char *row; enum region_class class; } cases[] = {
		{ "rw-p 0 0:0 0", CLASS_ANON },
		{ "---p 0 0:0 0", CLASS_ANON },
		{ "rwxp 0 0:0 0", CLASS_ANON },
		{ "rw-p 0 0:0 0 [anon:my arena]", CLASS_ANON },
		{ "rw-p 0 0:0 0 [stack:4242]", CLASS_ANON },
		{ "rw-p 0 0:0 0 [stack]", CLASS_STACK },
		{ "rw-p 0 0:0 0 [heap]", CLASS_HEAP },
		{ "r-xp 0 0:0 0 [vdso]", CLASS_VDSO },
		{ "r--p 0 0:0 0 [vvar]", CLASS_VDSO },
		{ "r--p 0 0:0 0 [vvar_vclock]", CLASS_VDSO },
		{ "r-xp 0 0:0 0 [uprobes]", CLASS_VDSO },
		{ "--xp 0 0:0 0 [vsyscall]", CLASS_NONE },
		{ "rw-p 0 8:1 5 /srv/data", CLASS_FILE },
		{ "rw-s 0 8:1 5 /srv/data", CLASS_FILE },
		{ "r--p 0 8:1 5 /tmp/[vdso]", CLASS_FILE },
		{ "r--p 0 8:1 5 /[heap]", CLASS_FILE },
		{ "r--p 0 8:1 5 /srv/data (deleted)", CLASS_FILE },
		{ "r--p 0 8:1 0 /no/inode", CLASS_FILE },
		{ "rw-p 0 0:6 4 /dev/zero", CLASS_FILE },
		{ "rw-s 0 0:e 9 anon_inode:[io_uring]", CLASS_FILE },
		{ "r--p 0 0:1 9 /memfd:name (deleted)", CLASS_FILE },
		{ "rw-s 0 0:1 9 /memfd:name (deleted)", CLASS_SHM },
		{ "rw-s 0 0:1 9 /dev/zero (deleted)", CLASS_SHM },
		{ "rw-s 0 0:1 0 /SYSV00000000 (deleted)", CLASS_SHM },
		{ "rw-s 0 0:1b 9 /dev/shm/sem.x", CLASS_SHM },
		{ "rw-s 0 0:f 9 /anon_hugepage (deleted)", CLASS_SHM },
		{ "rw-p 0 0:f 9 /anon_hugepage (deleted)", CLASS_ANON },
		/* fs/proc/task_mmu.c: the name that a program gave it, on the row of its file */
		{ "rw-s 0 0:1 1027 [anon_shmem:named shm]", CLASS_SHM },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_process p;
		char maps[128];

		snprintf(maps, sizeof(maps), "7000-8000 %s\n", cases[i].row);
		process_start(&p, maps, NULL, 0);
		is_str(class_name(p.regions.items[0].class), class_name(cases[i].class),
		   "%s", cases[i].row);
		is(p.regions.items[0].blocker,
		   cases[i].class == CLASS_NONE ? BLOCKER_NO_VMA : BLOCKER_NONE,
		   "%s: hold", cases[i].row);
		process_end(&p);
	}
}

static const struct elf_spec small = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R),
	LOAD(0x1000, 0x1000, PF_RX),
} };

/* With 64 KiB of bss, which the file does not have. */
static const struct elf_spec large = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R),
	LOAD(0x1000, 0x1000, PF_RX),
	LOAD(0x2000, 0x12000, PF_RW),
	RELRO(0x2000, 0x1000),
} };

static void check(const char *title, const char *maps, const struct object *objects,
		  const char *want)
{
	struct fake_process p;

	process_start(&p, maps, objects, 0);
	is(p.result, 0, "%s: can be classified", title);
	is_str(regions_text(&p.regions), want, "%s: classes", title);
	is(regions_torn(&p.regions, &p.world.maps), 0, "%s: tiles the rows", title);
	process_end(&p);
}

/* A file can be mapped to be read, whatever is in it. */
static void test_flat(void)
{
	static const struct object one[OBJECTS] = { { 0x100000, &small } };
	static const struct object big[OBJECTS] = { { 0x100000, &large } };

	check("a flat file longer than its image", "100000-104000 r--p 0 8:1 5 /b\n", one,
	      "100000-104000 file\n");
	check("a flat file shorter than its image", "100000-103000 r--p 0 8:1 5 /l\n", big,
	      "100000-103000 file\n");
	check("a flat file that can be written", "100000-103000 rw-p 0 8:1 5 /l\n", big,
	      "100000-103000 file\n");
	check("memory behind a flat file",
	      "100000-103000 r--p 0 8:1 5 /l\n103000-108000 rw-p 0 0:0 0\n", big,
	      "100000-103000 file\n103000-108000 anon\n");
}

/* A report has a row for a mapping, or for each part of it that has a class of its own. */
static void test_flat_rows(void)
{
	static const struct object one[OBJECTS] = { { 0x100000, &small } };
	struct fake_process p;

	process_start(&p, "100000-104000 r--p 0 8:1 5 /b\n", one, 0);
	is(p.regions.count, 1, "a flat file is one region");
	process_end(&p);
}

/* libmagic, readelf and debuggers look at headers through a mapping of a page or two. */
static void test_only_header(void)
{
	static const struct object big[OBJECTS] = { { 0x100000, &large } };

	check("only the header of a file", "100000-101000 r--p 0 8:1 5 /l\n", big,
	      "100000-101000 file\n");
	check("memory behind the header of a file",
	      "100000-101000 r--p 0 8:1 5 /l\n101000-110000 rw-p 0 0:0 0\n", big,
	      "100000-101000 file\n101000-110000 anon\n");
	check("read-only memory behind the header of a file",
	      "100000-101000 r--p 0 8:1 5 /l\n101000-110000 r--p 0 0:0 0\n", big,
	      "100000-101000 file\n101000-110000 anon\n");
}

/* A debugger maps the file of a library that is loaded right above. */
static void test_flat_below_loaded(void)
{
	static const struct object two[OBJECTS] = { { 0x100000, &large }, { 0x103000, &large } };

	check("the same file, flat and then loaded",
	      "100000-103000 r--p 0 8:1 5 /l\n"
	      "103000-104000 r--p 0 8:1 5 /l\n104000-105000 r-xp 1000 8:1 5 /l\n"
	      "105000-106000 r--p 2000 8:1 5 /l\n106000-117000 rw-p 0 0:0 0\n", two,
	      "100000-103000 file\n"
	      "103000-104000 rodata\n104000-105000 text\n105000-106000 relro\n"
	      "106000-117000 data\n");
}

static int read_zeroes(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	(void)m, (void)addr;
	memset(buf, 0, len);
	return 0;
}

/* The recording of tests/fixtures with empty memory: no images, all else as ever. */
static void test_recorded(void)
{
	const struct memory zeroes = { .read = read_zeroes };
	struct regions regions;
	struct world w;

	is(world_load(&w, "odd.maps"), 0, "the recording is read");
	is(regions_build(&regions, &w.arena, &w.maps, &zeroes, 0), 0, "and classified");
	is(regions.count, w.maps.count, "a region for every row");
	is(regions_torn(&regions, &w.maps), 0, "it tiles the rows");
	world_close(&w);
}

/* The test program itself: whatever loader and kernel it has, some things are sure. */
static void test_own(void)
{
	struct memory own = memory_of(getpid());
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), local = 0;
	uint64_t text = (uintptr_t)&test_own, stack = (uintptr_t)&local;
	struct regions regions = { 0 };
	struct world w;

	if (!has_remote_reads("own maps"))
		return;
	world_open(&w);
	is(maps_read(&w.maps, &w.arena, fd), 0, "the program's own maps are read");
	is(regions_build(&regions, &w.arena, &w.maps, &own, getauxval(AT_PHDR)), 0,
	   "and classified");
	is(regions_torn(&regions, &w.maps), 0, "they are tiled");
	for (size_t i = 0; i < regions.count; i++) {
		const struct region *r = &regions.items[i];

		if (text >= r->start && text < r->end) {
			is_str(class_name(r->class), "text", "a function is in text");
			ok(r->image && r->image->is_exe, "of the main program");
		}
		if (stack >= r->start && stack < r->end && r->vma->name[0] != '\0')
			is_str(class_name(r->class), "stack", "a local variable is on the stack");
	}
	world_close(&w);
	close(fd);
}

int main(void)
{
	if (page_size() != 0x1000) {
		printf("1..0 # SKIP the images are made for pages of 4096 bytes\n");
		return 0;
	}
	test_kinds();
	test_flat();
	test_flat_rows();
	test_only_header();
	test_flat_below_loaded();
	test_recorded();
	test_own();
	return tap_done();
}
