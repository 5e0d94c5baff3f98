/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "init-hook.h"

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
	initializer_fn *function;	/* an array of initializers with one element, as well */
};

/*
 * The loader says nothing of the object to an initializer, so each that waits has a
 * function of its own.  The objects of one dlopen(3) wait together, until the first one
 * is initialized: one function would do, if it were known which is the first.
 */
#define EIGHT(f, n) f(n##0) f(n##1) f(n##2) f(n##3) f(n##4) f(n##5) f(n##6) f(n##7)
#define EIGHTS(f, n) EIGHT(f, n##0) EIGHT(f, n##1) EIGHT(f, n##2) EIGHT(f, n##3) \
		     EIGHT(f, n##4) EIGHT(f, n##5) EIGHT(f, n##6) EIGHT(f, n##7)
#define ALL(f) EIGHTS(f, 0) EIGHTS(f, 1) EIGHTS(f, 2) EIGHTS(f, 3) \
	       EIGHTS(f, 4) EIGHTS(f, 5) EIGHTS(f, 6) EIGHTS(f, 7) \
	       EIGHTS(f, 10) EIGHTS(f, 11) EIGHTS(f, 12) EIGHTS(f, 13) \
	       EIGHTS(f, 14) EIGHTS(f, 15) EIGHTS(f, 16) EIGHTS(f, 17)

RELRO static struct initializer *volatile initializers;

int initializer_start(void)
{
	void *memory = mmap(NULL, INITIALIZERS_MAX * sizeof(*initializers),
			    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? -errno :
				      relro_write(&initializers, &memory, sizeof(memory));
}

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

/* Not into a thousand functions. */
__attribute__((noinline))
static void reach(int argc, char **argv, char **envp, size_t index)
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
	{ reach(argc, argv, envp, 0##octal); }
ALL(DEFINE)

/* No array: so many pointers would be relocated at the start of every program. */
static initializer_fn *function_of(size_t index)
{
	switch (index) {
#define CASE(octal) case 0##octal: return initializer_##octal;
	ALL(CASE)
	}
	return NULL;
}

/* How is the dynamic section of an object mapped?  Asked of dl_iterate_phdr(3). */
struct question {
	const struct link_map *map;
	int protection;
};

static int answer(struct dl_phdr_info *info, size_t size, void *context)
{
	struct question *q = context;
	ElfW(Addr) dynamic = (uintptr_t)q->map->l_ld - info->dlpi_addr;
	bool is_it = false;

	(void)size;
	if (info->dlpi_addr != q->map->l_addr)
		return 0;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		is_it = is_it || (p->p_type == PT_DYNAMIC && p->p_vaddr == dynamic);
		if (p->p_type == PT_LOAD && dynamic - p->p_vaddr < p->p_memsz)
			q->protection = (p->p_flags & PF_R ? PROT_READ : 0) |
					(p->p_flags & PF_W ? PROT_WRITE : 0) |
					(p->p_flags & PF_X ? PROT_EXEC : 0);
	}
	return is_it;
}

/* The loader heeds the last one, if there are several. */
static ElfW(Dyn) *find_entry(const struct link_map *map, ElfW(Sxword) tag)
{
	ElfW(Dyn) *found = NULL;

	for (ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == tag)
			found = entry;
	return found;
}

/* Of another namespace no more is known than this: where the loader has written, we can. */
static bool is_relocated(const struct link_map *map)
{
	const ElfW(Dyn) *strings = find_entry(map, DT_STRTAB);

	return strings && map->l_addr != 0 && strings->d_un.d_ptr >= map->l_addr;
}

static int protection_of(const struct link_map *map)
{
	struct question q = { .map = map };

	if (dl_iterate_phdr(answer, &q) == 0)
		return is_relocated(map) ? PROT_READ | PROT_WRITE : PROT_NONE;
	return q.protection;
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

static int protect(const struct initializer *i, int protection)
{
	ElfW(Dyn) *size = i->size ? i->size : i->entry;
	uint64_t start = page_down((uintptr_t)(size < i->entry ? size : i->entry));
	uint64_t end = page_up((uintptr_t)((size < i->entry ? i->entry : size) + 1));

	return mprotect((void *)(uintptr_t)start, end - start, protection) == 0 ? 0 : -errno;
}

static size_t free_index(void)
{
	size_t index = 0;

	while (index < INITIALIZERS_MAX && initializers[index].reached)
		index++;
	return index;
}

bool initializer_has_room(void)
{
	return free_index() < INITIALIZERS_MAX;
}

static void divert(struct initializer *i, const struct link_map *map)
{
	if (i->size) {
		i->size->d_un.d_val = sizeof(i->function);
		i->entry->d_un.d_ptr = (uintptr_t)&i->function - map->l_addr;
	} else {
		i->entry->d_un.d_ptr = (uintptr_t)i->function - map->l_addr;
	}
}

struct initializer *initializer_divert(const struct link_map *map, void (*reached)(void))
{
	struct initializer found = { .reached = reached }, *i;
	int protection = protection_of(map);
	size_t index = free_index();

	if (index == INITIALIZERS_MAX || !(protection & PROT_READ) || !find_own(&found, map))
		return NULL;
	/* code must not become writable, where that is allowed at all */
	if (!(protection & PROT_WRITE) &&
	    ((protection & PROT_EXEC) || protect(&found, PROT_READ | PROT_WRITE) < 0))
		return NULL;
	i = &initializers[index];
	*i = found;
	i->function = function_of(index);
	divert(i, map);
	/* if that fails, it is told when it is to be sealed */
	if (!(protection & PROT_WRITE))
		protect(i, PROT_READ);
	return i;
}

void initializer_places(const struct initializer *i, uint64_t ret[2])
{
	ret[0] = (uintptr_t)i->entry;
	ret[1] = (uintptr_t)(i->size ? i->size : i->entry);
}

int initializer_restore(struct initializer *i, bool locked)
{
	int r = locked ? protect(i, PROT_READ | PROT_WRITE) : 0;

	if (r < 0)
		return r;
	i->entry->d_un.d_ptr = i->own;
	if (i->size)
		i->size->d_un.d_val = i->own_size;
	if (locked && initializer_lock(i) < 0)
		return -ENOTRECOVERABLE;
	initializer_forget(i);
	return 0;
}

int initializer_lock(const struct initializer *i)
{
	return protect(i, PROT_READ);
}

void initializer_forget(struct initializer *i)
{
	*i = (struct initializer){ 0 };
}
