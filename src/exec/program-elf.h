/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PROGRAM_ELF_H
#define MSEALCTL_PROGRAM_ELF_H

#include <limits.h>
#include <stdbool.h>

/* How a program gains privileges by being executed. */
enum program_gain {
	GAINS_NOTHING,
	GAINS_BY_SETUID,
	GAINS_BY_SETGID,
	GAINS_BY_CAPABILITIES,
	GAINS_BY_EFFECTIVE_IDS,	/* which we have already, and are not the real ones */
};

enum program_loader {
	LOADER_NONE,		/* it is static */
	LOADER_ITSELF,		/* it is our own loader, run as a program */
	LOADER_OWN,		/* the very file that has loaded us, of glibc */
	LOADER_GLIBC,		/* another one, by its name */
	LOADER_MUSL,
	LOADER_UNKNOWN,
};

/* What the ELF file of a program says. */
struct program_elf {
	bool is_64;
	bool is_own_machine;
	bool has_sections;	/* programs that unpack themselves (UPX) have none */
	enum program_gain gain;
	enum program_loader loader;
	char loader_path[PATH_MAX];	/* "" if it is static */
	bool is_odd;		/* its loader may make something else of it than is said here */
	bool has_auditor;	/* DT_AUDIT or DT_DEPAUDIT: the loader asks it about each object */
	bool has_asan;		/* the first library that it needs is gcc's address sanitizer */
};

/*
 * Read the ELF file PATH, open at FD.  Returns 0; -ENOEXEC if the kernel would not execute
 * it; or the error of a read.
 */
int program_elf_read(struct program_elf *ret, const char *path, int fd);

#endif
