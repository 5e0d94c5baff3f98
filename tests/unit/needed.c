/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/* The dynamic section and the start-up closure, of objects that were made to be hostile. */
#include "needed.h"

#include "dynamic.h"
#include "elf-maker.h"
#include "page.h"
#include "tap.h"

#define BASE 0x10000
#define DYNAMIC 0x1000
#define STRINGS 0x1800

static const struct elf_spec spec = {
	.phdrs = {
		LOAD(0, 0x1000, PF_R), LOAD(0x1000, 0x1000, PF_RW),
		{ PT_DYNAMIC, PF_RW, DYNAMIC, DYNAMIC, DYNAMIC, 0x100, 0x100, 8 },
	},
};

/* An object at ADDR with these entries; its second page is returned. */
static struct image *make_object(struct fake_memory *f, struct arena *a, uint64_t addr,
				 const Elf64_Dyn *entries, size_t count, unsigned char **ret)
{
	struct image *image = NULL;

	fake_elf(f, addr, &spec);
	*ret = fake_map(f, addr + 0x1000, 0x1000);
	memcpy(*ret, entries, count * sizeof(*entries));
	is(elf_image_read(&f->memory, addr, a, NULL, &image), 0, "an object at 0x%" PRIx64, addr);
	return image;
}

static int count_entry(void *context, int64_t tag, uint64_t value)
{
	(void)value;
	*(size_t *)context += 1;
	return tag == 99 ? 99 : 0;
}

static void test_dynamic(void)
{
	static const Elf64_Dyn entries[] = {
		{ DT_NEEDED, { 1 } }, { DT_FLAGS, { DF_TEXTREL } }, { 99, { 0 } },
	};
	struct fake_memory f = { .count = 0 };
	struct arena a = ARENA_INIT;
	struct image *image;
	unsigned char *page;
	size_t seen = 0;

	is(arena_map(&a, 1 << 20), 0, "memory");
	image = make_object(&f, &a, BASE, entries, 3, &page);
	is(image->dynamic_start, BASE + DYNAMIC, "the section is found");
	is(dynamic_each(&f.memory, image, count_entry, &seen), 99, "a walk ends when the callback asks for it");
	is(seen, 3, "after that number of entries");
	ok(dynamic_has_text_relocations(&f.memory, image), "DF_TEXTREL counts");
	((Elf64_Dyn *)(void *)page)[1].d_tag = DT_NULL;
	ok(!dynamic_has_text_relocations(&f.memory, image), "nothing counts behind DT_NULL");
	f.count--;
	ok(dynamic_has_text_relocations(&f.memory, image), "what cannot be read may have some");
	f.count++;
	fake_free(&f);
	arena_unmap(&a);
}

static void test_strings(void)
{
	struct fake_memory f = { .count = 0 };
	unsigned char *page = fake_map(&f, BASE, 0x1000);
	char buf[100];

	memset(page, 'x', 0x1000);
	is(memory_read_string(&f.memory, BASE + 7, buf, sizeof(buf)), 0, "a long string");
	is(strlen(buf), 99, "is cut");
	is(memory_read_string(&f.memory, BASE + 0xff0, buf, sizeof(buf)), -EFAULT,
	   "one that runs out of its memory is none");
	page[0xfff] = '\0';
	is(memory_read_string(&f.memory, BASE + 0xff0, buf, sizeof(buf)), 0,
	   "one at the end of its memory is read");
	is(strlen(buf), 15, "as long as it is");
	fake_free(&f);
}

static const struct needed_roots no_roots = { 0 };

/* Two objects that need each other, and themselves, and what is not there. */
static void test_circle(void)
{
	static const Elf64_Dyn entries[] = {
		{ DT_STRTAB, { STRINGS } }, { DT_NEEDED, { 0 } }, { DT_NEEDED, { 2 } },
		{ DT_NEEDED, { 4 } },
	};
	struct fake_memory f = { .count = 0 };
	struct arena a = ARENA_INIT, little = ARENA_INIT;
	struct region items[3] = { 0 };
	struct regions regions = { .items = items, .count = 3 };
	static const char *const paths[] = { "/lib/a", "/lib/b", "/lib/d" };
	unsigned char *page = NULL;

	is(arena_map(&a, 1 << 20), 0, "memory");
	for (size_t i = 0; i < 3; i++) {
		struct image *image = make_object(&f, &a, BASE * (i + 1), entries, 4, &page);

		/* the names a, b and c, one behind the other */
		memcpy(page + STRINGS - 0x1000, "a\0b\0c", 6);
		image->path = paths[i];
		items[i] = (struct region){ .start = image->start, .image = image };
	}
	is(needed_mark(&regions, &a, &f.memory, &no_roots), -ENOEXEC, "no main program");
	is(items[2].image->dlopened, DLOPENED_UNKNOWN, "then nothing is known to be loaded later");
	items[0].image->is_exe = true;
	is(needed_mark(&regions, &a, &f.memory, &no_roots), 0, "a circle ends");
	is(items[0].image->dlopened, DLOPENED_NO, "and all in it is reached: a");
	is(items[1].image->dlopened, DLOPENED_NO, "and all in it is reached: b");
	is(items[2].image->dlopened, DLOPENED_YES, "what needs it is not");
	is(arena_map(&little, 1), 0, "little memory");
	ok(arena_alloc(&little, little.size - 64), "and most of it taken");
	is(needed_mark(&regions, &little, &f.memory, &no_roots), ARENA_FULL, "is said to be too little");
	items[2].image->dlopened = DLOPENED_UNKNOWN;
	((Elf64_Dyn *)(void *)page)[1].d_un.d_val = UINT64_MAX / 2;
	is(needed_mark(&regions, &a, &f.memory, &no_roots), 0, "what is not reached needs no names");
	items[2].image->dlopened = DLOPENED_UNKNOWN;
	items[2].image->is_exe = true;
	is(needed_mark(&regions, &a, &f.memory, &no_roots), -EFAULT, "a name that cannot be read");
	is(items[2].image->dlopened, DLOPENED_UNKNOWN, "leaves all unknown");
	fake_free(&f);
	arena_unmap(&little);
	arena_unmap(&a);
}

/* The same page of DT_NEEDED entries, again and again. */
static int read_endless(const struct memory *m, uint64_t addr, void *buf, size_t len)
{
	static const Elf64_Dyn entry = { DT_NEEDED, { 1 } };

	(void)m, (void)addr;
	for (size_t i = 0; i < len / sizeof(entry); i++)
		memcpy((char *)buf + i * sizeof(entry), &entry, sizeof(entry));
	memset(buf, 'x', len % sizeof(entry));
	return 0;
}

/* Sections that claim 2^38 entries, as those of a process that means harm do. */
static void test_caps(void)
{
	enum { OBJECTS = 64 };
	static struct image images[OBJECTS];
	static struct region items[OBJECTS];
	const struct memory endless = { .read = read_endless };
	struct regions regions = { .items = items, .count = OBJECTS };
	const struct needed_roots many = { .preloaded = "a b c d e f g h i j k l m n o p q r s t u"
		" v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l"
		" m n o p q r s t u v w x y z" };
	struct arena a = ARENA_INIT;
	size_t seen = 0;

	is(arena_map(&a, 1 << 20), 0, "memory");
	for (size_t i = 0; i < OBJECTS; i++) {
		images[i] = (struct image){
			.start = BASE * (i + 1), .is_exe = true, .is_64 = true, .path = "/x",
			.dynamic_start = 0, .dynamic_end = UINT64_C(1) << 42,
		};
		items[i] = (struct region){ .start = images[i].start, .image = &images[i] };
	}
	is(dynamic_each(&endless, &images[0], count_entry, &seen), -E2BIG, "a section without an end");
	is(seen, DYNAMIC_MAX, "is read so far");
	is(needed_mark(&regions, &a, &endless, &no_roots), -E2BIG, "and all knowledge ends there");
	for (size_t i = 0; i < OBJECTS; i++)
		images[i].dynamic_end = DYNAMIC_MAX * sizeof(Elf64_Dyn) / 2;
	is(needed_mark(&regions, &a, &endless, &no_roots), -E2BIG, "many long sections do the same");
	regions.count = 1;
	is(needed_mark(&regions, &a, &endless, &no_roots), 0, "one of them does not");
	is(needed_mark(&regions, &a, &endless, &many), -E2BIG, "preloading 78 objects does");
	arena_unmap(&a);
}

int main(void)
{
	if (page_size() != 0x1000) {
		printf("1..0 # SKIP the images are made for pages of 4096 bytes\n");
		return 0;
	}
	test_dynamic();
	test_strings();
	test_circle();
	test_caps();
	return tap_done();
}
