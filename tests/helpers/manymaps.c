/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * manymaps COUNT: a process with COUNT mappings beside those that every process has.
 * Prints its pid when they are there, and lives until its input ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "manymaps: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	size_t count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *base, byte;

	if (count == 0) {
		fprintf(stderr, "usage: manymaps COUNT\n");
		return 1;
	}
	base = mmap(NULL, count * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return fail("mmap");
	/* neighbours that differ are not merged */
	for (size_t i = 1; i < count; i += 2)
		if (mprotect(base + i * page, page, PROT_READ | PROT_WRITE) != 0)
			return fail("mprotect");
	printf("%d\n", (int)getpid());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
