/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Reading ELF images out of memory: what loaders load, and what only looks like it. */
#include "elf-image.h"

#include <unistd.h>

#include "elf-maker.h"
#include "own-memory.h"
#include "page.h"
#include "tap.h"

#define BASE 0x7f0000000000

/* What the linker of Debian 12 makes of a shared library. */
static const struct elf_spec usual = {
	.phdrs = {
		LOAD(0x0, 0x588, PF_R),
		LOAD(0x1000, 0x2321, PF_RX),
		LOAD(0x4000, 0x40, PF_R),
		LOAD_AT(0x4df0, 0x5df0, 0x1238, PF_RW),
		OTHER(PT_DYNAMIC),
		OTHER(PT_NOTE),
		OTHER(PT_GNU_EH_FRAME),
		OTHER(PT_GNU_STACK),
		RELRO(0x5df0, 0x1210),
	},
};

struct image_case {
	struct fake_memory memory;
	struct arena arena;
	struct image *image;
	int result;
};

static void image_case_read(struct image_case *t, const struct elf_spec *spec, uint64_t addr)
{
	*t = (struct image_case){ .arena = ARENA_INIT };
	fake_elf(&t->memory, addr, spec);
	if (arena_map(&t->arena, 1 << 20) < 0)
		abort();
	t->result = elf_image_read(&t->memory.memory, addr, &t->arena, NULL, &t->image);
}

static void image_case_end(struct image_case *t)
{
	fake_free(&t->memory);
	arena_unmap(&t->arena);
}

static void check_segment(const struct image_case *t, size_t i, uint64_t start, uint64_t end,
			  uint32_t flags)
{
	const struct segment *s = &t->image->segments[i];

	is(s->start, start, "segment %zu: start", i);
	is(s->end, end, "segment %zu: end", i);
	is(s->flags, flags, "segment %zu: flags", i);
}

static void test_usual(bool is_32, uint64_t base)
{
	struct elf_spec spec = usual;
	struct image_case t;

	spec.is_32 = is_32;
	image_case_read(&t, &spec, base);
	is(t.result, 0, "a shared library of %d bits is read", is_32 ? 32 : 64);
	if (t.result == 0) {
		is(t.image->start, base, "it begins with its header");
		is(t.image->end, base + 0x8000, "it ends with its last segment");
		is(t.image->count, 4, "it has four segments");
		check_segment(&t, 0, base, base + 0x1000, PF_R);
		check_segment(&t, 1, base + 0x1000, base + 0x4000, PF_RX);
		check_segment(&t, 2, base + 0x4000, base + 0x5000, PF_R);
		check_segment(&t, 3, base + 0x5000, base + 0x8000, PF_RW);
		is(t.image->relro_start, base + 0x5000, "RELRO begins with its page");
		is(t.image->relro_end, base + 0x7000, "and ends where it ends");
		ok(!t.image->loading, "nothing speaks against it");
		ok(!t.image->is_exe && !t.image->outer, "the rest is empty");
	}
	image_case_end(&t);
}

/* elf/dl-reloc.c, _dl_protect_relro(): both ends go down to a page. */
static void test_relro_rounding(void)
{
	static const struct { uint64_t vaddr, memsz, start, end; } cases[] = {
		{ 0x5df0, 0x210, 0x5000, 0x6000 },
		{ 0x5df0, 0x20f, 0, 0 },
		{ 0x5df0, 0x1210, 0x5000, 0x7000 },
		{ 0x5df0, 0x120f, 0x5000, 0x6000 },
		{ 0x5000, 0x1000, 0x5000, 0x6000 },
		{ 0x5000, 0xfff, 0, 0 },
		{ 0x5000, 0, 0, 0 },
		{ 0x5001, 0xfff, 0x5000, 0x6000 },
		{ 0x5000, UINT64_MAX, 0, 0 },
		{ 0x5000, UINT64_MAX - 0x5000, 0, 0 },
		{ UINT64_MAX, 0x1000, 0, 0 },
		{ UINT64_MAX, UINT64_MAX, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct elf_spec spec = usual;
		struct image_case t;

		spec.phdrs[8].p_vaddr = cases[i].vaddr;
		spec.phdrs[8].p_memsz = cases[i].memsz;
		image_case_read(&t, &spec, BASE);
		is(t.result, 0, "RELRO %zu: the image is read", i);
		if (t.result == 0 && cases[i].end == 0) {
			is(t.image->relro_end, t.image->relro_start, "RELRO %zu: is empty", i);
		} else if (t.result == 0) {
			is(t.image->relro_start, BASE + cases[i].start, "RELRO %zu: start", i);
			is(t.image->relro_end, BASE + cases[i].end, "RELRO %zu: end", i);
		}
		image_case_end(&t);
	}
}

static void test_relro_first(void)
{
	const struct elf_spec spec = { .phdrs = {
		RELRO(0x402000, 0x1000),
		LOAD_AT(0, 0x400000, 0x1000, PF_RX),
		LOAD_AT(0x1000, 0x402000, 0x2000, PF_RW),
	} };
	struct image_case t;

	image_case_read(&t, &spec, BASE);
	is(t.result, 0, "RELRO may stand before the segments");
	if (t.result == 0) {
		is(t.image->relro_start, BASE + 0x2000, "it moves with them: start");
		is(t.image->relro_end, BASE + 0x3000, "it moves with them: end");
		is(t.image->end, BASE + 0x4000, "an image linked high is loaded anywhere");
	}
	image_case_end(&t);
}

static void test_fixed(void)
{
	struct elf_spec spec = { .type = ET_EXEC, .phdrs = {
		LOAD_AT(0, 0x400000, 0x1000, PF_R),
		LOAD_AT(0x1000, 0x401000, 0x1000, PF_RX),
	} };
	struct image_case t;

	image_case_read(&t, &spec, 0x400000);
	is(t.result, 0, "a program at its fixed address is read");
	if (t.result == 0)
		check_segment(&t, 1, 0x401000, 0x402000, PF_RX);
	image_case_end(&t);
	image_case_read(&t, &spec, BASE);
	is(t.result, -ENOEXEC, "elsewhere it is only a file");
	image_case_end(&t);
}

static void test_shared_page(void)
{
	const struct elf_spec spec = { .phdrs = {
		LOAD(0x0, 0x1800, PF_RX),
		LOAD(0x1800, 0x1000, PF_RW),
	} };
	struct image_case t;

	image_case_read(&t, &spec, BASE);
	is(t.result, 0, "two segments may meet inside a page");
	if (t.result == 0) {
		check_segment(&t, 0, BASE, BASE + 0x1000, PF_RX);
		check_segment(&t, 1, BASE + 0x1000, BASE + 0x3000, PF_RW);
	}
	image_case_end(&t);
}

static void test_empty_segment(void)
{
	const struct elf_spec spec = { .phdrs = {
		LOAD(0x0, 0x1000, PF_RX),
		LOAD(0x9000, 0x0, PF_RW),
		LOAD(0x2000, 0x1000, PF_RW),
	} };
	struct image_case t;

	image_case_read(&t, &spec, BASE);
	is(t.result, 0, "a segment of no bytes is passed over");
	if (t.result == 0) {
		is(t.image->count, 2, "it is no segment");
		is(t.image->end, BASE + 0x3000, "nor the image's end");
	}
	image_case_end(&t);
}

/* Header tables that no linker makes, or no loader takes. */
static void test_hostile_tables(void)
{
	static const struct { const char *title; struct elf_spec spec; } cases[] = {
		{ "no program headers", { .phdrs = { { 0 } } } },
		{ "no PT_LOAD", { .phdrs = { OTHER(PT_NOTE), RELRO(0x1000, 0x1000) } } },
		{ "only empty PT_LOADs", { .phdrs = { LOAD(0, 0, PF_R) } } },
		{ "65535 headers", { .phnum = 65535, .phdrs = { LOAD(0, 0x1000, PF_R) } } },
		{ "more headers than 64 KiB", { .phnum = 1171, .phdrs = { LOAD(0, 0x1000, PF_R) } } },
		{ "a relocatable file", { .type = ET_REL, .phdrs = { LOAD(0, 0x1000, PF_R) } } },
		{ "a core dump", { .type = ET_CORE, .phdrs = { LOAD(0, 0x1000, PF_R) } } },
		{ "entries too small", { .phentsize = 55, .phdrs = { LOAD(0, 0x1000, PF_R) } } },
		{ "entries too large", { .phentsize = 57, .phdrs = { LOAD(0, 0x1000, PF_R) } } },
		{ "entries of 32 bits", { .phentsize = 32, .phdrs = { LOAD(0, 0x1000, PF_R) } } },
		{ "a header outside the first segment",
		  { .phdrs = { LOAD(0x1000, 0x1000, PF_R) } } },
		{ "segments going down",
		  { .phdrs = { LOAD(0, 0x1000, PF_R), LOAD(0x4000, 0x1000, PF_RX),
			       LOAD(0x2000, 0x1000, PF_RW) } } },
		{ "two segments in the same page",
		  { .phdrs = { LOAD(0, 0x100, PF_R), LOAD(0x100, 0x100, PF_RX) } } },
		{ "a segment below the header",
		  { .phdrs = { LOAD_AT(0, 0x10000, 0x1000, PF_R), LOAD(0x8000, 0x1000, PF_RX) } } },
		{ "a size that wraps", { .phdrs = { LOAD(0, UINT64_MAX, PF_R) } } },
		{ "a size that ends with the address space",
		  { .phdrs = { LOAD(0, 0x1000, PF_R), LOAD(0x1000, UINT64_MAX - 0x1000, PF_RX) } } },
		{ "an address and a size that wrap together",
		  { .phdrs = { LOAD(0, 0x1000, PF_R), LOAD(UINT64_MAX - 0xfff, 0x2000, PF_RX) } } },
		{ "an image that ends behind the address space",
		  { .phdrs = { LOAD(0, 0x1000, PF_R), LOAD(0x1000, -(uint64_t)BASE, PF_RX) } } },
		{ "an image that ends with the address space",
		  { .phdrs = { LOAD(0, 0x1000, PF_R),
			       LOAD(0x1000, -(uint64_t)BASE - 0x1000, PF_RX) } } },
		{ "a size that wraps inside one page",
		  { .phdrs = { LOAD(0x800, UINT64_MAX - 0x800, PF_R) } } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image_case t;

		image_case_read(&t, &cases[i].spec, BASE);
		is(t.result, -ENOEXEC, "%s", cases[i].title);
		ok(t.image == NULL, "%s: no image", cases[i].title);
		image_case_end(&t);
	}
}

/* One byte of the identification is wrong. */
static void test_not_elf(void)
{
	static const struct { const char *title; size_t at; unsigned char byte; } cases[] = {
		{ "a wrong first byte", 0, 'E' },
		{ "a wrong last byte of the magic", 3, 'f' },
		{ "no class", EI_CLASS, ELFCLASSNONE },
		{ "an unknown class", EI_CLASS, 3 },
		{ "the other class", EI_CLASS, ELFCLASS32 },
		{ "an unknown version", EI_VERSION, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_memory f = { .count = 0 };
		struct arena a = ARENA_INIT;
		struct image *image = NULL;

		fake_elf(&f, BASE, &usual)[cases[i].at] = cases[i].byte;
		is(arena_map(&a, 1 << 16), 0, "%s: memory", cases[i].title);
		is(elf_image_read(&f.memory, BASE, &a, NULL, &image), -ENOEXEC, "%s", cases[i].title);
		ok(image == NULL, "%s: no image", cases[i].title);
		arena_unmap(&a);
		fake_free(&f);
	}
}

static void test_table_elsewhere(void)
{
	static const uint64_t offsets[] = { 0x1000, 0x100000, UINT64_MAX, UINT64_MAX - BASE,
					    INT64_MAX, 0xff0 };
	struct elf_spec spec = usual;
	struct image_case t;

	spec.phoff = 0x400;
	image_case_read(&t, &spec, BASE);
	is(t.result, 0, "the table need not follow the header");
	image_case_end(&t);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		spec.phoff = offsets[i];
		image_case_read(&t, &spec, BASE);
		is(t.result, -EFAULT, "a table at offset %" PRIx64 " cannot be read", offsets[i]);
		image_case_end(&t);
	}
}

static void test_short_memory(void)
{
	static const size_t lengths[] = { 0, 1, 16, 64, 64 + 9 * 56, 1023 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct fake_memory f = { .count = 0 };
		struct arena a = ARENA_INIT;
		struct image *image = NULL;

		fake_elf(&f, BASE, &usual);
		f.chunks[0].len = lengths[i];
		is(arena_map(&a, 1 << 16), 0, "%zu bytes: memory", lengths[i]);
		is(elf_image_read(&f.memory, BASE, &a, NULL, &image), -EFAULT,
		   "only %zu bytes can be read", lengths[i]);
		arena_unmap(&a);
		fake_free(&f);
	}
}

/* The target may unmap its memory between any two reads; its table is at PHOFF. */
static void test_every_read_fails(uint64_t phoff, size_t reads)
{
	struct elf_spec spec = usual;
	struct fake_memory f = { .count = 0 };
	struct arena a = ARENA_INIT;
	size_t n, wrong = 0;
	int r = -EIO;

	spec.phoff = phoff;
	fake_elf(&f, BASE, &spec);
	is(arena_map(&a, 1 << 20), 0, "failing reads: memory");
	for (n = 1; r != 0 && n < 100; n++) {
		struct image *image = NULL;

		f.reads = 0;
		f.fail_at = n;
		r = elf_image_read(&f.memory, BASE, &a, NULL, &image);
		wrong += r != -EIO && r != 0;
		wrong += (r == 0) != (image && image->count == 4);
	}
	is(wrong, 0, "a read that fails ends it, whichever it is");
	is(n - 2, reads, "and there are %zu with the table at 0x%" PRIx64, reads, phoff);
	arena_unmap(&a);
	fake_free(&f);
}

static void test_tiny_arenas(void)
{
	struct fake_memory f = { .count = 0 };
	size_t size, wrong = 0;
	int r = ARENA_FULL;

	fake_elf(&f, BASE, &usual);
	for (size = 1; r != 0 && size < 4096; size++) {
		char *buf = calloc(1, size);
		struct arena a = { .base = buf, .size = size };
		struct image *image = NULL;

		r = elf_image_read(&f.memory, BASE, &a, NULL, &image);
		wrong += r != ARENA_FULL && r != 0;
		free(buf);
	}
	is(wrong, 0, "ARENA_FULL at every size that is too small");
	is(r, 0, "and success at %zu", size - 1);
	fake_free(&f);
}

/* The largest table that is taken, with every entry a segment. */
static void test_largest_table(void)
{
	enum { COUNT = 1170 };
	struct fake_memory f = { .count = 0 };
	struct arena a = ARENA_INIT;
	struct image *image = NULL;
	Elf64_Ehdr h = { .e_type = ET_DYN, .e_phnum = COUNT, .e_phoff = sizeof(h),
			 .e_phentsize = sizeof(Elf64_Phdr) };
	unsigned char *bytes = fake_map(&f, BASE, sizeof(h) + COUNT * sizeof(Elf64_Phdr));

	elf_ident(h.e_ident, ELFCLASS64);
	memcpy(bytes, &h, sizeof(h));
	for (size_t i = 0; i < COUNT; i++) {
		Elf64_Phdr p = LOAD(i * 0x2000, 0x1000, PF_R);

		memcpy(bytes + sizeof(h) + i * sizeof(p), &p, sizeof(p));
	}
	is(arena_map(&a, 1 << 20), 0, "largest table: memory");
	is(elf_image_read(&f.memory, BASE, &a, NULL, &image), 0, "a table of 64 KiB is read");
	is(image ? image->count : 0, COUNT, "all of it");
	is(image ? image->end : 0, BASE + (COUNT - 1) * 0x2000 + 0x1000, "to its end");
	arena_unmap(&a);
	fake_free(&f);
}

/* The test program is an ELF image itself, read as a stranger's would be. */
static void test_own(void)
{
	struct memory own = memory_of(getpid());
	struct arena a = ARENA_INIT;
	struct image *image = NULL;
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
	char byte;

	if (!has_remote_reads("own memory"))
		return;
	is(arena_map(&a, 1 << 16), 0, "own memory");
	if (vdso)
		is(elf_image_read(&own, vdso, &a, NULL, &image), 0, "the vdso is an ELF image");
	is(own.read(&own, 0, &byte, 1), -EFAULT, "nothing is mapped at 0");
	is(own.read(&own, (uintptr_t)(a.base + a.size - 1), &byte, 1), 0,
	   "the last byte of a mapping can be read");
	arena_unmap(&a);
}

int main(void)
{
	if (page_size() != 0x1000) {
		printf("1..0 # SKIP the images are made for pages of 4096 bytes\n");
		return 0;
	}
	test_usual(false, BASE);
	test_usual(true, 0xf7000000);
	test_relro_rounding();
	test_relro_first();
	test_fixed();
	test_shared_page();
	test_empty_segment();
	test_hostile_tables();
	test_not_elf();
	test_table_elsewhere();
	test_short_memory();
	test_every_read_fails(0, 1);
	test_every_read_fails(0x400 - 9 * sizeof(Elf64_Phdr), 1);
	test_every_read_fails(0x400 - 9 * sizeof(Elf64_Phdr) + 8, 2);
	test_tiny_arenas();
	test_largest_table();
	test_own();
	return tap_done();
}
