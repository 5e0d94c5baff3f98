/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LIBRARY_H
#define MSEALCTL_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Libraries that exec does not use are loaded on demand; each would add about 40 us to
 * its 1.3 ms.
 */

/* A function of a library, and where the pointer to it is in a struct of pointers. */
struct library_function {
	const char *symbol;
	size_t offset;
};

/*
 * Load SONAME, and fill in RET's COUNT pointers.  Returns 0, or -ELIBACC if the library or
 * one of the functions is missing.
 */
int library_load(void *ret, const char *soname, const struct library_function *functions,
		 size_t count);

/*
 * Declare in the program's file that it loads SONAME, a string, as an ELF note from which
 * packagers take dependencies: https://systemd.io/ELF_DLOPEN_METADATA.
 */
#ifdef __clang__	/* whose address sanitizer would pad it; gcc's leaves sections alone */
#define LIBRARY_NOTE_PLAIN __attribute__((no_sanitize_address))
#else
#define LIBRARY_NOTE_PLAIN
#endif
#define LIBRARY_NOTE(feature, description, soname)						\
	LIBRARY_NOTE_TEXT("[{\"feature\":\"" feature "\",\"description\":\"" description "\","	\
			  "\"priority\":\"required\",\"soname\":[\"" soname "\"]}]")
#define LIBRARY_NOTE_TEXT(json)									\
	LIBRARY_NOTE_PLAIN static const struct {						\
		uint32_t name_size, text_size, type;						\
		char name[sizeof("FDO")], text[sizeof(json)];					\
	} library_note __attribute__((used, aligned(4), section(".note.dlopen"))) = {		\
		sizeof("FDO"), sizeof(json), 0x407c0c0a, "FDO", json,				\
	}

#endif
