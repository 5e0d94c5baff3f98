/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * flood COUNT: a process with COUNT mappings that look like ELF objects, which share one
 * table of 1,170 program headers.  Prints "pid PID" and "ready", and lives until its input
 * ends.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE ((size_t)sysconf(_SC_PAGESIZE))
#define HEADERS 1170

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	size_t count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	/* neighbours of one file would be one mapping */
	int files[2] = { memfd_create("even", 0), memfd_create("odd", 0) };
	Elf64_Phdr *table = mmap(NULL, HEADERS * sizeof(*table), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *base = mmap(NULL, count * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), byte;

	if (table == MAP_FAILED || base == MAP_FAILED || ftruncate(files[0], PAGE) != 0 ||
	    ftruncate(files[1], PAGE) != 0)
		return fail("flood");
	for (size_t i = 0; i < HEADERS; i++)
		table[i] = (Elf64_Phdr){
			.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = i * PAGE,
			.p_offset = i * PAGE, .p_filesz = PAGE, .p_memsz = PAGE,
		};
	for (size_t i = 0; i < count; i++) {
		Elf64_Ehdr *header = mmap(base + i * PAGE, PAGE, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_FIXED, files[i % 2], 0);

		if (header == MAP_FAILED)
			return fail("mmap");
		*header = (Elf64_Ehdr){
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_DYN, .e_phnum = HEADERS, .e_phentsize = sizeof(*table),
			.e_phoff = (Elf64_Off)((char *)table - (char *)header),
		};
	}
	printf("pid %d\nready\n", (int)getpid());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}
