/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * trymut [wait|anon|probe]: try whatever a seal forbids on the text and the RELRO of
 * every object of this process, as libc's loader lists them; one line a range:
 * CLASS START END sealed|open|OPERATION=ERRNO OBJECT.  Status 0: all are sealed, 3: not.
 *
 * wait: print "pid PID" and "ready" first, and do it once for every line of input.
 * anon: the same with a range of read-only anonymous memory instead of the objects.
 * probe: status 0 if this kernel seals a page of our own at all.
 *
 * What is not sealed gives itself away by a change to the protection that it has,
 * which harms nothing; the other operations are tried only where that is refused.
 */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

#define ANON_PAGES 4

struct range {
	const char *class;
	const char *object;
	uint8_t *start;
	size_t size;
	int prot;
	bool anon;
};

static size_t page;

/* A place of our own to move things to and from; mapped anew for each use. */
static void *scratch(size_t size)
{
	void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int error_if(bool failed)
{
	return failed ? errno : 0;
}

static int protect_same(const struct range *r)
{
	return error_if(mprotect(r->start, r->size, r->prot) != 0);
}

static int protect_writable(const struct range *r)
{
	return error_if(mprotect(r->start, r->size, r->prot | PROT_WRITE) != 0);
}

static int protect_last_page(const struct range *r)
{
	return error_if(mprotect(r->start + r->size - page, page, PROT_NONE) != 0);
}

static int unmap_whole(const struct range *r)
{
	return error_if(munmap(r->start, r->size) != 0);
}

static int unmap_first_page(const struct range *r)
{
	return error_if(munmap(r->start, page) != 0);
}

static int remap_shrink(const struct range *r)
{
	/* a single page cannot shrink: the same size is refused just so */
	size_t smaller = r->size > page ? r->size - page : r->size;

	return error_if(mremap(r->start, r->size, smaller, 0) == MAP_FAILED);
}

static int remap_grow(const struct range *r)
{
	return error_if(mremap(r->start, r->size, r->size + page, MREMAP_MAYMOVE) ==
			MAP_FAILED);
}

static int remap_away(const struct range *r)
{
	void *to = scratch(r->size);

	return error_if(mremap(r->start, r->size, r->size, MREMAP_MAYMOVE | MREMAP_FIXED,
			       to) == MAP_FAILED);
}

static int remap_onto(const struct range *r)
{
	void *from = scratch(page);

	return error_if(mremap(from, page, page, MREMAP_MAYMOVE | MREMAP_FIXED,
			       r->start) == MAP_FAILED);
}

static int map_over(const struct range *r)
{
	return error_if(mmap(r->start, r->size, r->prot,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
}

static int discard(const struct range *r)
{
	return error_if(madvise(r->start, r->size, MADV_DONTNEED) != 0);
}

static int wipe_on_fork(const struct range *r)
{
	return error_if(madvise(r->start, r->size, MADV_WIPEONFORK) != 0);
}

static const struct operation {
	const char *name;
	int (*try)(const struct range *range);
	bool anon_only;		/* file mappings may be discarded, sealed or not */
} operations[] = {
	{ "mprotect-same", protect_same, false },
	{ "mprotect-writable", protect_writable, false },
	{ "mprotect-last-page", protect_last_page, false },
	{ "munmap", unmap_whole, false },
	{ "munmap-first-page", unmap_first_page, false },
	{ "mremap-shrink", remap_shrink, false },
	{ "mremap-grow", remap_grow, false },
	{ "mremap-away", remap_away, false },
	{ "mremap-onto", remap_onto, false },
	{ "mmap-fixed", map_over, false },
	{ "madvise-dontneed", discard, true },
	{ "madvise-wipeonfork", wipe_on_fork, true },
};

/* Print what became of R.  Returns whether every operation was refused with EPERM. */
static bool try_range(const struct range *r)
{
	printf("%s %p %p ", r->class, (void *)r->start, (void *)(r->start + r->size));
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const struct operation *op = &operations[i];
		int error;

		if (op->anon_only && !r->anon)
			continue;
		error = op->try(r);
		if (error == EPERM)
			continue;
		if (i == 0 && error == 0)
			printf("open %s\n", r->object);
		else
			printf("%s=%s %s\n", op->name, error ? strerrorname_np(error) : "0",
			       r->object);
		return false;
	}
	printf("sealed %s\n", r->object);
	return true;
}

static uintptr_t page_down(uintptr_t addr)
{
	return addr & ~(uintptr_t)(page - 1);
}

static bool is_vdso(const struct dl_phdr_info *info)
{
	uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);

	return vdso && page_down((uintptr_t)info->dlpi_phdr) == vdso;
}

/* A callback of dl_iterate_phdr(3). */
static int try_object(struct dl_phdr_info *info, size_t size, void *data)
{
	const char *object = info->dlpi_name[0] ? info->dlpi_name : "@exe";
	bool *all = data;

	(void)size;
	for (size_t i = 0; !is_vdso(info) && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		uintptr_t start = page_down(info->dlpi_addr + ph->p_vaddr);
		uintptr_t end = info->dlpi_addr + ph->p_vaddr + ph->p_memsz;
		struct range r = { .object = object, .start = (uint8_t *)start };

		if (ph->p_type == PT_LOAD && (ph->p_flags & PF_X)) {
			r.class = "text";
			r.prot = PROT_READ | PROT_EXEC;
			r.size = page_down(end + page - 1) - start;
		} else if (ph->p_type == PT_GNU_RELRO && page_down(end) > start) {
			r.class = "relro";
			r.prot = PROT_READ;
			r.size = page_down(end) - start;
		} else {
			continue;
		}
		*all = try_range(&r) && *all;
	}
	return 0;
}

static int try_objects(void)
{
	bool all = true;

	dl_iterate_phdr(try_object, &all);
	fflush(stdout);
	return all ? 0 : 3;
}

static int try_when_told(const struct range *anon)
{
	char line[64];
	int status = 0;

	printf("pid %d\n", getpid());
	if (anon)
		printf("anon %p %p\n", (void *)anon->start, (void *)(anon->start + anon->size));
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		status = anon ? (try_range(anon) ? 0 : 3) : try_objects();
		printf("status %d\n", status);
		fflush(stdout);
	}
	return status;
}

static int try_anon(void)
{
	struct range r = { .class = "anon", .object = "-", .size = ANON_PAGES * page,
			   .prot = PROT_READ, .anon = true };

	/* alone between two holes, so that no neighbour merges with it */
	r.start = mmap(NULL, r.size + 2 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r.start == MAP_FAILED)
		return 1;
	munmap(r.start, page);
	r.start += page;
	munmap(r.start + r.size, page);
	return try_when_told(&r);
}

static int probe(void)
{
	void *p = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || syscall(SYS_mseal, p, page, 0ul, 0ul) != 0)
		return 3;
	return mprotect(p, page, PROT_READ | PROT_WRITE) != 0 && errno == EPERM ? 0 : 3;
}

int main(int argc, char **argv)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	if (argc < 2)
		return try_objects();
	if (strcmp(argv[1], "wait") == 0)
		return try_when_told(NULL);
	if (strcmp(argv[1], "anon") == 0)
		return try_anon();
	if (strcmp(argv[1], "probe") == 0)
		return probe();
	fprintf(stderr, "trymut: unknown mode '%s'\n", argv[1]);
	return 2;
}
