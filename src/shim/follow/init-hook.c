/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "init-hook.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "libc-start.h"
#include "page.h"
#include "relro.h"

typedef void initializer_fn(int argc, char **argv, char **envp);

struct init_hook {
	void (*reached)(void);	/* NULL: free */
	ElfW(Addr) bias;
	ElfW(Dyn) *entry;	/* DT_INIT or DT_INIT_ARRAY, */
	ElfW(Addr) own;		/* with the value that it had */
	ElfW(Dyn) *size;	/* DT_INIT_ARRAYSZ, or NULL with DT_INIT, */
	ElfW(Xword) own_size;	/* with the value that it had */
	initializer_fn *function;	/* also serves as an array of one initializer */
};

/*
 * ld.so does not pass the object to an initializer, so that each hook needs a function of
 * its own.  A single one would do if it were known which object of a dlopen(3) is
 * initialized first.
 */
#define EIGHT(f, n) f(n##0) f(n##1) f(n##2) f(n##3) f(n##4) f(n##5) f(n##6) f(n##7)
#define EIGHTS(f, n) EIGHT(f, n##0) EIGHT(f, n##1) EIGHT(f, n##2) EIGHT(f, n##3) \
		     EIGHT(f, n##4) EIGHT(f, n##5) EIGHT(f, n##6) EIGHT(f, n##7)
#define ALL(f) EIGHTS(f, 0) EIGHTS(f, 1) EIGHTS(f, 2) EIGHTS(f, 3) \
	       EIGHTS(f, 4) EIGHTS(f, 5) EIGHTS(f, 6) EIGHTS(f, 7) \
	       EIGHTS(f, 10) EIGHTS(f, 11) EIGHTS(f, 12) EIGHTS(f, 13) \
	       EIGHTS(f, 14) EIGHTS(f, 15) EIGHTS(f, 16) EIGHTS(f, 17)

RELRO static struct init_hook *volatile hooks;

int init_hook_start(void)
{
	void *memory = mmap(NULL, INIT_HOOKS_MAX * sizeof(*hooks),
			    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? -errno :
				      relro_write(&hooks, &memory, sizeof(memory));
}

static void run_own(const struct init_hook *i, int argc, char **argv, char **envp)
{
	initializer_fn **array = (initializer_fn **)(i->bias + i->own);

	if (!i->size) {
		((initializer_fn *)array)(argc, argv, envp);
		return;
	}
	for (size_t n = 0; n < i->own_size / sizeof(*array); n++)
		array[n](argc, argv, envp);
}

/* Inlined, it would be there a thousand times. */
__attribute__((noinline))
static void reach(int argc, char **argv, char **envp, size_t index)
{
	const struct init_hook copy = hooks[index];

	/* may free the hook, and let another object have it */
	copy.reached();
	if (hooks[index].entry == copy.entry)
		hooks[index] = (struct init_hook){ 0 };
	run_own(&copy, argc, argv, envp);
}

#define DEFINE(octal) \
	static void hook_##octal(int argc, char **argv, char **envp) \
	{ reach(argc, argv, envp, 0##octal); }
ALL(DEFINE)

/* Not an array: its pointers would be relocated whenever a program starts. */
static initializer_fn *function_of(size_t index)
{
	switch (index) {
#define CASE(octal) case 0##octal: return hook_##octal;
	ALL(CASE)
	}
	return NULL;
}

/* For dl_iterate_phdr(3): the protection of the segment with the dynamic section of MAP. */
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

/* The last entry with TAG: the one that ld.so uses. */
static ElfW(Dyn) *find_entry(const struct link_map *map, ElfW(Sxword) tag)
{
	ElfW(Dyn) *found = NULL;

	for (ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == tag)
			found = entry;
	return found;
}

/* In another namespace this is all that can be found out: ld.so has written to the section. */
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

/* Find the entry to change; returns whether there is one. */
static bool find_own(struct init_hook *i, const struct link_map *map)
{
	i->entry = LIBC_RUNS_DT_INIT ? find_entry(map, DT_INIT) : NULL;
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

static int protect(const struct init_hook *i, int protection)
{
	ElfW(Dyn) *size = i->size ? i->size : i->entry;
	uint64_t start = page_down((uintptr_t)(size < i->entry ? size : i->entry));
	uint64_t end = page_up((uintptr_t)((size < i->entry ? i->entry : size) + 1));

	return mprotect((void *)(uintptr_t)start, end - start, protection) == 0 ? 0 : -errno;
}

static size_t free_index(void)
{
	size_t index = 0;

	while (index < INIT_HOOKS_MAX && hooks[index].reached)
		index++;
	return index;
}

bool init_hook_has_room(void)
{
	return free_index() < INIT_HOOKS_MAX;
}

static void name_function(struct init_hook *i, const struct link_map *map)
{
	if (i->size) {
		i->size->d_un.d_val = sizeof(i->function);
		i->entry->d_un.d_ptr = (uintptr_t)&i->function - map->l_addr;
	} else {
		i->entry->d_un.d_ptr = (uintptr_t)i->function - map->l_addr;
	}
}

struct init_hook *init_hook_set(const struct link_map *map, void (*reached)(void))
{
	struct init_hook found = { .reached = reached }, *i;
	int protection = protection_of(map);
	size_t index = free_index();

	if (index == INIT_HOOKS_MAX || !(protection & PROT_READ) || !find_own(&found, map))
		return NULL;
	/* code must not become writable, even where the system would allow it */
	if (!(protection & PROT_WRITE) &&
	    ((protection & PROT_EXEC) || protect(&found, PROT_READ | PROT_WRITE) < 0))
		return NULL;
	i = &hooks[index];
	*i = found;
	i->function = function_of(index);
	name_function(i, map);
	/* a failure here is reported when the object is sealed */
	if (!(protection & PROT_WRITE))
		protect(i, PROT_READ);
	return i;
}

void init_hook_places(const struct init_hook *i, uint64_t ret[2])
{
	ret[0] = (uintptr_t)i->entry;
	ret[1] = (uintptr_t)(i->size ? i->size : i->entry);
}

enum init_hook_end init_hook_remove(struct init_hook *i, bool locked)
{
	if (locked && protect(i, PROT_READ | PROT_WRITE) < 0)
		return INIT_HOOK_KEPT;
	i->entry->d_un.d_ptr = i->own;
	if (i->size)
		i->size->d_un.d_val = i->own_size;
	if (locked && init_hook_lock(i) < 0)
		return INIT_HOOK_WRITABLE;
	init_hook_forget(i);
	return INIT_HOOK_REMOVED;
}

int init_hook_lock(const struct init_hook *i)
{
	return protect(i, PROT_READ);
}

void init_hook_forget(struct init_hook *i)
{
	*i = (struct init_hook){ 0 };
}
