/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "program-start.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "environment.h"
#include "exit-status.h"
#include "libc-start.h"

/*
 * Where the list of loaded objects is, of glibc and of musl: as data, as other objects may
 * interpose dl_iterate_phdr(3) and dlsym(3).
 */
#pragma weak _r_debug
#pragma weak _dl_debug_addr
extern struct r_debug *_dl_debug_addr;

typedef int start_fn(LIBC_START_PARAMETERS);

start_fn __libc_start_main;
/* ours, even where another object interposes it */
static start_fn own_start __attribute__((alias("__libc_start_main")));

static const struct link_map *first_object(void)
{
	return &_r_debug ? _r_debug.r_map : &_dl_debug_addr ? _dl_debug_addr->r_map : NULL;
}

/* The value of TAG in the dynamic section of OBJECT, or 0. */
static ElfW(Xword) value_of(const struct link_map *object, ElfW(Sxword) tag)
{
	for (const ElfW(Dyn) *d = object->l_ld; d->d_tag != DT_NULL; d++)
		if (d->d_tag == tag)
			return d->d_un.d_val;
	return 0;
}

/* The same, an address.  glibc has added the bias to it, but not in every object. */
static ElfW(Addr) address_of(const struct link_map *object, ElfW(Sxword) tag)
{
	ElfW(Addr) address = value_of(object, tag);

	return address != 0 && address < object->l_addr ? address + object->l_addr : address;
}

/* The object's own __libc_start_main(), or NULL. */
static start_fn *look_up(const struct link_map *object)
{
	static const uint32_t hash = 0xf63d4e2e;	/* of the name, as DT_GNU_HASH has it */
	const uint32_t *table = (const uint32_t *)address_of(object, DT_GNU_HASH);
	const ElfW(Sym) *symbols = (const ElfW(Sym) *)address_of(object, DT_SYMTAB);
	const char *names = (const char *)address_of(object, DT_STRTAB);
	const uint32_t *buckets, *chains;
	uint32_t i;

	if (!table || !symbols || !names || table[0] == 0)
		return NULL;
	buckets = table + 4 + table[2] * sizeof(ElfW(Addr)) / sizeof(*table);
	chains = buckets + table[0] - table[1];
	i = buckets[hash % table[0]];
	for (bool last = i == 0; !last; i++) {
		last = chains[i] & 1;
		if ((chains[i] | 1) == (hash | 1) && symbols[i].st_shndx != SHN_UNDEF &&
		    strcmp(names + symbols[i].st_name, "__libc_start_main") == 0)
			return (start_fn *)(object->l_addr + symbols[i].st_value);
	}
	return NULL;
}

/* The first one behind that of BEFORE, or the first of all if BEFORE is NULL. */
static start_fn *find_behind(start_fn *before)
{
	bool behind = !before;

	for (const struct link_map *object = first_object(); object; object = object->l_next) {
		start_fn *found = look_up(object);

		if (found && behind)
			return found;
		behind = behind || found == before;
	}
	return NULL;
}

static libc_main_fn *program_main;

/* The program's own constructors have run: only now can none execute the program again. */
static int run_main(int argc, char **argv, char **envp, void *auxv)
{
	struct settings settings;

	/* one of these may have called clearenv(3) */
	if (environ && settings_decode(environ, &settings) == 0)
		environment_pass_on(environ, &settings);
	return program_main(argc, argv, envp, auxv);
}

__attribute__((visibility("default")))
int __libc_start_main(LIBC_START_PARAMETERS)
{
	/* the one that would have been called without ours */
	start_fn *next = find_behind(own_start);

	if (!next)
		_exit(STATUS_EXEC_FAILED);
	program_main = LIBC_START_MAIN;
	return next(LIBC_START_ARGUMENTS(run_main));
}

/*
 * Will the loader write the address of our function, once the program calls it?  x86-64's
 * start-up code calls by a word that is written at once; others do it as any function.
 */
static bool will_refer_to_ours(const struct link_map *program)
{
	const ElfW(Rela) *r = (const ElfW(Rela) *)address_of(program, DT_JMPREL);
	const ElfW(Rela) *end = r + value_of(program, DT_PLTRELSZ) / sizeof(*r);
	const ElfW(Sym) *symbols = (const ElfW(Sym) *)address_of(program, DT_SYMTAB);
	const char *names = (const char *)address_of(program, DT_STRTAB);

	for (; symbols && names && r < end; r++)
		if (strcmp(names + symbols[ELF64_R_SYM(r->r_info)].st_name,
			   "__libc_start_main") == 0)
			/* unless libc's is called already, as in prelinked programs */
			return find_behind(NULL) == own_start &&
			       *(const uintptr_t *)(program->l_addr + r->r_offset) !=
			       (uintptr_t)find_behind(own_start);
	return false;
}

/* Did the loader write the address of our function for one of the relocations? */
static bool refers_to_ours(ElfW(Addr) bias, ElfW(Addr) start, ElfW(Xword) size,
			   ElfW(Xword) skipped)
{
	const ElfW(Rela) *r = (const ElfW(Rela) *)start + skipped;
	const ElfW(Rela) *end = (const ElfW(Rela) *)(start + size);

	/* one without a symbol may have no address either */
	for (; r < end; r++)
		if (ELF64_R_SYM(r->r_info) != 0 &&
		    *(const uintptr_t *)(bias + r->r_offset) == (uintptr_t)own_start)
			return true;
	return false;
}

bool program_start_is_ours(void)
{
	const struct link_map *program = first_object();

	if (!&_r_debug || !program)
		return false;
	/* DT_RELACOUNT of them have no symbol: a million, in large programs */
	return refers_to_ours(program->l_addr, address_of(program, DT_RELA),
			      value_of(program, DT_RELASZ), value_of(program, DT_RELACOUNT)) ||
	       refers_to_ours(program->l_addr, address_of(program, DT_JMPREL),
			      value_of(program, DT_PLTRELSZ), 0) ||
	       will_refer_to_ours(program);
}
