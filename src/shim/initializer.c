/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "initializer.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "page.h"
#include "relro.h"

typedef void initializer_fn(int argc, char **argv, char **envp);

struct initializer {
	void (*reached)(void);	/* NULL: free */
	ElfW(Addr) bias;
	ElfW(Dyn) *entry;	/* DT_INIT or DT_INIT_ARRAY, and what it was */
	ElfW(Addr) own;
	ElfW(Dyn) *size;	/* DT_INIT_ARRAYSZ, in that case, and what it was */
	ElfW(Xword) own_size;
};

/*
 * The loader says nothing of the object to an initializer, so each that waits has a
 * function of its own.  The objects of one dlopen(3) wait together, until the first one
 * is initialized: one function would do, if it were known which is the first.
 */
#define EIGHT(f, n) f(n##0) f(n##1) f(n##2) f(n##3) f(n##4) f(n##5) f(n##6) f(n##7)
#define ALL(f) EIGHT(f, 0) EIGHT(f, 1) EIGHT(f, 2) EIGHT(f, 3) \
	       EIGHT(f, 4) EIGHT(f, 5) EIGHT(f, 6) EIGHT(f, 7)

#define COUNT 64

RELRO static struct initializer *volatile initializers;
/* Each is an array of initializers with one element, as well. */
RELRO static initializer_fn **volatile functions;

static void run(const struct initializer *i, int argc, char **argv, char **envp)
{
	initializer_fn **array = (initializer_fn **)(i->bias + i->own);

	if (!i->size) {
		((initializer_fn *)array)(argc, argv, envp);
		return;
	}
	for (size_t n = 0; n < i->own_size / sizeof(*array); n++)
		array[n](argc, argv, envp);
}

static void reach(size_t index, int argc, char **argv, char **envp)
{
	const struct initializer copy = initializers[index];

	/* which may set it free for others */
	copy.reached();
	if (initializers[index].entry == copy.entry)
		initializers[index] = (struct initializer){ 0 };
	run(&copy, argc, argv, envp);
}

#define DEFINE(octal) \
	static void initializer_##octal(int argc, char **argv, char **envp) \
	{ reach(0##octal, argc, argv, envp); }
ALL(DEFINE)

static void *map_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Not a table of the linker's: the loader would relocate it in every program. */
static void list_functions(initializer_fn *list[COUNT])
{
#define LIST(octal) list[0##octal] = initializer_##octal;
	ALL(LIST)
}

int initializer_start(void)
{
	struct initializer *table = map_memory(COUNT * sizeof(*table));
	initializer_fn **list = map_memory(COUNT * sizeof(*list));
	int r;

	if (!table || !list)
		return -ENOMEM;
	list_functions(list);
	if (mprotect(list, COUNT * sizeof(*list), PROT_READ) != 0)
		return -errno;
	r = relro_write(&functions, &list, sizeof(list));
	return r == 0 ? relro_write(&initializers, &table, sizeof(table)) : r;
}

/* May the dynamic section of an object be written to?  Asked of dl_iterate_phdr(3). */
struct question {
	const struct link_map *map;
	bool writable;
};

static int answer(struct dl_phdr_info *info, size_t size, void *context)
{
	struct question *q = context;
	ElfW(Addr) dynamic = (uintptr_t)q->map->l_ld - info->dlpi_addr;
	bool is_it = false, writable = false;

	(void)size;
	if (info->dlpi_addr != q->map->l_addr)
		return 0;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		is_it = is_it || (p->p_type == PT_DYNAMIC && p->p_vaddr == dynamic);
		if (p->p_type == PT_LOAD && dynamic - p->p_vaddr < p->p_memsz)
			writable = p->p_flags & PF_W;
	}
	q->writable = is_it && writable;
	return is_it;
}

static bool is_writable(const struct link_map *map)
{
	struct question q = { .map = map };

	return dl_iterate_phdr(answer, &q) != 0 && q.writable;
}

static ElfW(Dyn) *find_entry(const struct link_map *map, ElfW(Sxword) tag)
{
	ElfW(Dyn) *entry = map->l_ld;

	while (entry->d_tag != tag && entry->d_tag != DT_NULL)
		entry++;
	return entry->d_tag == tag ? entry : NULL;
}

/* Find what there is to divert; returns whether there is something. */
static bool find_own(struct initializer *i, const struct link_map *map)
{
	i->entry = find_entry(map, DT_INIT);
	if (!i->entry) {
		i->entry = find_entry(map, DT_INIT_ARRAY);
		i->size = find_entry(map, DT_INIT_ARRAYSZ);
		if (!i->entry || !i->size || i->size->d_un.d_val < sizeof(ElfW(Addr)))
			return false;
		i->own_size = i->size->d_un.d_val;
	}
	i->own = i->entry->d_un.d_ptr;
	i->bias = map->l_addr;
	return true;
}

struct initializer *initializer_divert(const struct link_map *map, void (*reached)(void))
{
	struct initializer found = { .reached = reached };
	size_t index = 0;

	while (index < COUNT && initializers[index].reached)
		index++;
	if (index == COUNT || !is_writable(map) || !find_own(&found, map))
		return NULL;
	if (found.size) {
		found.size->d_un.d_val = sizeof(functions[index]);
		found.entry->d_un.d_ptr = (uintptr_t)&functions[index] - map->l_addr;
	} else {
		found.entry->d_un.d_ptr = (uintptr_t)functions[index] - map->l_addr;
	}
	initializers[index] = found;
	return &initializers[index];
}

uint64_t initializer_place(const struct initializer *i)
{
	return (uintptr_t)i->entry;
}

int initializer_restore(struct initializer *i, bool locked)
{
	ElfW(Dyn) *size = i->size ? i->size : i->entry;
	uint64_t start = page_down((uintptr_t)(size < i->entry ? size : i->entry));
	uint64_t end = page_up((uintptr_t)((size < i->entry ? i->entry : size) + 1));
	void *page = (void *)(uintptr_t)start;
	size_t len = end - start;

	if (locked && mprotect(page, len, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	i->entry->d_un.d_ptr = i->own;
	if (i->size)
		i->size->d_un.d_val = i->own_size;
	if (locked && mprotect(page, len, PROT_READ) != 0)
		return -ENOTRECOVERABLE;
	initializer_forget(i);
	return 0;
}

void initializer_forget(struct initializer *i)
{
	*i = (struct initializer){ 0 };
}
