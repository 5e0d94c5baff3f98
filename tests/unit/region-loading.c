/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * An object that is being loaded while its process is looked at.
 *
 * The test does what glibc's loader does (elf/dl-map-segments.h,
 * elf/dl-reloc.c), one system call after the other, on a page table of its own,
 * and classifies the mappings after each.  Whatever could be sealed then must
 * be out of reach of all calls to come: a loader that gets EPERM takes the
 * program down with it.
 */
#include "region.h"

#include "page.h"
#include "fake-process.h"
#include "tap.h"

#define BASE 0x10000000
#define PAGES 48
#define PAGE 0x1000

/* What one page maps. */
struct page {
	bool mapped, anon;
	char perms[4];		/* "rwx", as maps shows it */
	uint64_t offset;
};

/* One call of the loader. */
struct call {
	const char *what;
	size_t first, end;	/* pages */
	bool protect;		/* mprotect(2): only the permissions change */
	struct page page;	/* of the first; offsets go up from it */
};

struct loader {
	struct call calls[24];
	size_t count;
};

struct layout {
	const char *title;
	struct elf_spec spec;
};

static const struct layout layouts[] = {
	{ "GNU ld", { .phdrs = {
		LOAD(0x0, 0x1000, PF_R), LOAD(0x1000, 0x2000, PF_RX), LOAD(0x3000, 0x1000, PF_R),
		LOAD_AT(0x3e00, 0x4e00, 0x4200, PF_RW), RELRO(0x4e00, 0x1200) } } },
	{ "GNU ld without bss", { .phdrs = {
		LOAD(0x0, 0x1000, PF_R), LOAD(0x1000, 0x2000, PF_RX), LOAD(0x3000, 0x1000, PF_R),
		LOAD_AT(0x3e00, 0x4e00, 0x2200, PF_RW), RELRO(0x4e00, 0x1200) } } },
	{ "GNU ld without RELRO", { .phdrs = {
		LOAD(0x0, 0x1000, PF_R), LOAD(0x1000, 0x2000, PF_RX), LOAD(0x3000, 0x1000, PF_R),
		LOAD_AT(0x3e00, 0x4e00, 0x2200, PF_RW) } } },
	{ "GNU ld, code not separate", { .phdrs = {
		LOAD(0x0, 0x4000, PF_RX),
		LOAD_AT(0x3e00, 0x4e00, 0x4200, PF_RW), RELRO(0x4e00, 0x1200) } } },
	{ "GNU ld, pages of 64 KiB", { .phdrs = {
		LOAD(0x0, 0x2000, PF_RX),
		LOAD_AT(0x1e00, 0x11e00, 0x3200, PF_RW), RELRO(0x11e00, 0x1200) } } },
	{ "lld, a hole before each segment", { .phdrs = {
		LOAD(0x0, 0x1000, PF_R), LOAD_AT(0x1000, 0x2000, 0x2000, PF_RX),
		LOAD_AT(0x3000, 0x5000, 0x2000, PF_RW), LOAD_AT(0x5000, 0x8000, 0x3000, PF_RW),
		RELRO(0x5000, 0x2000) } } },
	{ "lld", { .phdrs = {
		LOAD(0x0, 0x1000, PF_R), LOAD_AT(0x1000, 0x1000, 0x2000, PF_RX),
		LOAD_AT(0x3000, 0x3000, 0x2000, PF_RW), LOAD_AT(0x4e00, 0x5e00, 0x3000, PF_RW),
		RELRO(0x3000, 0x2000) } } },
	{ "old lld: data begins where text ends", { .phdrs = {
		LOAD(0x0, 0x1000, PF_R), LOAD(0x1000, 0x2000, PF_RX),
		LOAD_AT(0x3000, 0x3000, 0x5000, PF_RW), RELRO(0x3000, 0x1000) } } },
	{ "rodata moved against its file", { .phdrs = {
		LOAD(0x0, 0x1000, PF_R), LOAD(0x1000, 0x2000, PF_RX),
		LOAD_AT(0x2800, 0x3800, 0x800, PF_R),
		LOAD_AT(0x3000, 0x4000, 0x5000, PF_RW), RELRO(0x4000, 0x1000) } } },
};

static void flags_to_perms(uint32_t flags, char *perms)
{
	perms[0] = flags & PF_R ? 'r' : '-';
	perms[1] = flags & PF_W ? 'w' : '-';
	perms[2] = flags & PF_X ? 'x' : '-';
}

static struct call *add_call(struct loader *l, const char *what, uint64_t start, uint64_t end,
			     uint32_t flags)
{
	struct call *c = &l->calls[l->count++];

	*c = (struct call){ .what = what, .first = start / PAGE,
			    .end = (end + PAGE - 1) / PAGE, .page.mapped = true };
	flags_to_perms(flags, c->page.perms);
	return c;
}

/* The layouts keep two pages for the bss of a large data segment. */
static void set_bss(struct layout *layout)
{
	for (uint16_t i = 0; i < elf_phnum(&layout->spec); i++) {
		Elf64_Phdr *p = &layout->spec.phdrs[i];

		if (p->p_type == PT_LOAD && p->p_memsz > 0x2800 && (p->p_flags & PF_W))
			p->p_filesz = p->p_memsz - 0x2000;
	}
}

/* The end of the pages of a segment that its file fills. */
static uint64_t file_end(const Elf64_Phdr *p)
{
	return (p->p_vaddr + p->p_filesz + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static void add_segment(struct loader *l, const Elf64_Phdr *p, bool first, uint64_t span)
{
	struct call *c = add_call(l, first ? "map the whole span" : "map a segment",
				  p->p_vaddr, first ? span : file_end(p), p->p_flags);

	c->page.offset = p->p_offset & ~(uint64_t)(PAGE - 1);
}

static void add_bss(struct loader *l, const Elf64_Phdr *p)
{
	if (file_end(p) < p->p_vaddr + p->p_memsz)
		add_call(l, "map the bss", file_end(p), p->p_vaddr + p->p_memsz,
			 p->p_flags)->page.anon = true;
}

/* The calls that load SPEC: _dl_map_segments(), then _dl_protect_relro(). */
static void plan_calls(struct loader *l, const struct elf_spec *spec)
{
	uint16_t n = elf_phnum(spec);
	const Elf64_Phdr *last = NULL;
	bool holes = false;

	*l = (struct loader){ .count = 0 };
	for (uint16_t i = 0; i < n; i++) {
		const Elf64_Phdr *p = &spec->phdrs[i];

		if (p->p_type != PT_LOAD)
			continue;
		holes |= last && file_end(last) < (p->p_vaddr & ~(uint64_t)(PAGE - 1));
		last = p;
	}
	for (uint16_t i = 0; i < n; i++) {
		const Elf64_Phdr *p = &spec->phdrs[i];

		if (p->p_type == PT_LOAD) {
			add_segment(l, p, i == 0, last->p_vaddr + last->p_memsz);
			if (i == 0 && holes)
				add_call(l, "close the holes", file_end(p),
					 last->p_vaddr & ~(uint64_t)(PAGE - 1), 0)->protect = true;
			add_bss(l, p);
		} else if (p->p_type == PT_GNU_RELRO) {
			add_call(l, "protect RELRO", p->p_vaddr,
				 (p->p_vaddr + p->p_memsz) & ~(uint64_t)(PAGE - 1),
				 PF_R)->protect = true;
		}
	}
}

static void do_call(struct page *pages, const struct call *c)
{
	for (size_t i = c->first; i < c->end; i++) {
		if (c->protect) {
			memcpy(pages[i].perms, c->page.perms, sizeof(pages[i].perms));
			continue;
		}
		pages[i] = c->page;
		pages[i].offset += (i - c->first) * PAGE;
	}
}

/* Would the kernel merge page I with the one before? */
static bool merges(const struct page *pages, size_t i)
{
	const struct page *a = &pages[i - 1], *b = &pages[i];

	return a->mapped == b->mapped && a->anon == b->anon && strcmp(a->perms, b->perms) == 0 &&
	       (b->anon || a->offset + PAGE == b->offset);
}

static void print_maps(const struct page *pages, char *text, size_t size)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0, end; i < PAGES; i = end) {
		for (end = i + 1; end < PAGES && merges(pages, end); end++)
			;
		if (!pages[i].mapped)
			continue;
		at += (size_t)snprintf(text + at, size - at,
				       "%zx-%zx %sp %" PRIx64 " %s\n", BASE + i * PAGE,
				       BASE + end * PAGE, pages[i].perms,
				       pages[i].anon ? 0 : pages[i].offset,
				       pages[i].anon ? "0:0 0" : "8:1 5 /lib/loading.so");
	}
}

/* The first region that may be sealed as one of CLASSES although a later call changes it. */
static const struct region *in_the_way(const struct regions *regions, unsigned classes,
				       const struct loader *l, size_t done)
{
	for (size_t i = 0; i < regions->count; i++) {
		const struct region *r = &regions->items[i];

		if (r->blocker != BLOCKER_NONE || !(classes & (1u << r->class)))
			continue;
		for (size_t j = done; j < l->count; j++)
			if (r->start < BASE + l->calls[j].end * PAGE &&
			    r->end > BASE + l->calls[j].first * PAGE)
				return r;
	}
	return NULL;
}

static void check_step(const struct layout *layout, const struct loader *l, size_t done,
		       const struct page *pages, unsigned classes, const char *selection)
{
	const struct object mapped[OBJECTS] = { { BASE, &layout->spec } };
	const struct region *r;
	struct fake_process p;
	char maps[4096];

	print_maps(pages, maps, sizeof(maps));
	process_start(&p, maps, mapped, 0);
	r = in_the_way(&p.regions, classes, l, done);
	if (!ok(!r, "%s, --seal=%s after \"%s\": the loader can go on", layout->title, selection,
		l->calls[done - 1].what)) {
		printf("# %" PRIx64 "-%" PRIx64 " %s would be sealed, of these:\n", r->start,
		       r->end, class_name(r->class));
		tap_show_str("maps", maps);
		tap_show_str("regions", regions_text(&p.regions));
	}
	is(regions_torn(&p.regions, &p.world.maps), 0, "%s, step %zu: tiles the rows",
	   layout->title, done);
	process_end(&p);
}

/* Once loaded, everything can be sealed. */
static void check_loaded(const struct layout *layout, const struct page *pages)
{
	const struct object mapped[OBJECTS] = { { BASE, &layout->spec } };
	struct fake_process p;
	size_t held = 0, text = 0, relro = 0;
	char maps[4096];

	print_maps(pages, maps, sizeof(maps));
	process_start(&p, maps, mapped, 0);
	for (size_t i = 0; i < p.regions.count; i++) {
		held += p.regions.items[i].blocker != BLOCKER_NONE;
		text += p.regions.items[i].class == CLASS_TEXT;
		relro += p.regions.items[i].class == CLASS_RELRO;
	}
	is(held, 0, "%s, loaded: nothing is held back", layout->title);
	ok(text > 0, "%s, loaded: there is text", layout->title);
	is(relro > 0, strcmp(layout->title, "GNU ld without RELRO") != 0,
	   "%s, loaded: RELRO if it has any", layout->title);
	process_end(&p);
}

static void run(const struct layout *layout)
{
	const unsigned standard = 1u << CLASS_TEXT | 1u << CLASS_RODATA | 1u << CLASS_RELRO;
	struct page pages[PAGES] = { { .mapped = false } };
	struct loader l;

	plan_calls(&l, &layout->spec);
	for (size_t done = 0; done < l.count; ) {
		do_call(pages, &l.calls[done++]);
		check_step(layout, &l, done, pages, standard, "text,rodata,relro");
		check_step(layout, &l, done, pages, ~0u, "all");
	}
	check_loaded(layout, pages);
}

int main(void)
{
	if (page_size() != PAGE) {
		printf("1..0 # SKIP the images are made for pages of 4096 bytes\n");
		return 0;
	}
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct layout layout = layouts[i];

		set_bss(&layout);
		run(&layout);
	}
	return tap_done();
}
