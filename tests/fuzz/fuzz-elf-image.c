/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The reader of ELF images, the classification of the mappings around one, and what it
 * needs of others.
 *
 * Input: a byte that says where the image lies, a byte of permissions for the
 * mappings, then the memory from the ELF header on.
 */
#include "fuzz.h"

#include "../unit/fake-process.h"
#include "needed.h"
#include "page.h"

#define ARENA ((size_t)256 << 10)

static const uint64_t bases[] = {
	0x10000, 0x400000, 0x10000000, 0x7f0000000000, 0x7fffffff0000, 0xfffffffffff00000,
};

static void check_image(const struct image *image, uint64_t base)
{
	uint64_t page = page_size(), pos = base;

	must(image->start == base && image->count > 0);
	for (size_t i = 0; i < image->count; i++) {
		const struct segment *s = &image->segments[i];

		must(s->start % page == 0 && s->end % page == 0);
		must(s->start >= pos && s->end > s->start);
		pos = s->end;
	}
	must(image->segments[0].start == base);
	must(image->end == pos);
	must(image->relro_start % page == 0 && image->relro_end % page == 0);
	must(image->relro_start <= image->relro_end);
	must(!image->outer && !image->path && !image->is_exe);
}

/* Rows as they lie around an object: its own, with MASK's permissions, and strangers. */
static void print_rows(char *text, size_t size, uint64_t base, uint8_t mask)
{
	static const char *const tails[] = {
		"0 8:1 5 /a", "1000 8:1 5 /a", "2000 8:1 5 /a", "0 0:0 0", "0 8:1 6 /b",
		"5000 8:1 5 /a", "0 0:0 0 [heap]", "0 0:1 9 /memfd:c",
	};
	size_t at = 0;

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		bool odd = mask >> i & 1;

		at += (size_t)snprintf(text + at, size - at, "%" PRIx64 "-%" PRIx64 " %s %s\n",
				       base + i * 0x2000, base + (i + 1) * 0x2000,
				       i == 1 ? (odd ? "r-xp" : "r--p") :
				       i == 7 ? (odd ? "rw-s" : "rw-p") :
				       odd ? "rw-p" : "r--p", tails[i]);
	}
}

static void check_regions(const struct fake_memory *memory, uint64_t base, uint8_t mask)
{
	const struct needed_roots roots = { .loader = base, .preloaded = "/lib/a.so:b" };
	struct regions regions = { .count = 0 };
	char text[1024], *buf = calloc(1, ARENA);
	struct arena arena = { .base = buf, .size = ARENA };
	struct maps maps = { .count = 0 };
	int r;

	must(buf);
	print_rows(text, sizeof(text), base, mask);
	must(maps_append(&maps, &arena, text, strlen(text)) == 0);
	r = regions_build(&regions, &arena, &maps, &memory->memory, base + 64);
	/* some of the pages are not there */
	must(r == 0 || r == -EFAULT);
	must(r < 0 || regions_torn(&regions, &maps) == 0);
	needed_mark(&regions, &arena, &memory->memory, &roots);
	for (size_t i = 0; i < regions.count; i++)
		must(region_object(&regions.items[i]));
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_memory memory = { .memory.read = fake_read };
	char *buf = calloc(1, ARENA);
	struct arena arena = { .base = buf, .size = ARENA };
	struct image *image = NULL;
	uint64_t base;
	int r;

	must(buf);
	if (size < 3) {
		free(buf);
		return 0;
	}
	base = bases[data[0] % (sizeof(bases) / sizeof(bases[0]))];
	/* as much as there is of a process at least, a page */
	memcpy(fake_map(&memory, base, size - 2 < 0x1000 ? 0x1000 : size - 2), data + 2,
	       size - 2);
	r = elf_image_read(&memory.memory, base, &arena, NULL, &image);
	must(r == 0 || r == -ENOEXEC || r == -EFAULT);
	must((r == 0) == (image != NULL));
	if (image)
		check_image(image, base);
	check_regions(&memory, base, data[1]);
	fake_free(&memory);
	free(buf);
	return 0;
}
