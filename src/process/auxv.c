/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "auxv.h"

#include <elf.h>
#include <errno.h>

#include "cleanup.h"
#include "process.h"

/* Several times what the kernel makes of it: fs/binfmt_elf.c, create_elf_tables(). */
#define SIZE_MAX_BYTES 4096

static void note(struct auxv *auxv, uint64_t type, uint64_t value)
{
	switch (type) {
	case AT_ENTRY:
		auxv->entry = value;
		break;
	case AT_BASE:
		auxv->base = value;
		break;
	case AT_PHDR:
		auxv->phdr = value;
		break;
	case AT_SECURE:
		auxv->secure = value != 0;
		break;
	default:
		break;
	}
}

int auxv_read(pid_t tid, struct auxv *ret)
{
	cleanup_fd int fd = process_open(tid, tid, "auxv");
	union {
		Elf64_auxv_t wide[SIZE_MAX_BYTES / sizeof(Elf64_auxv_t)];
		Elf32_auxv_t narrow[SIZE_MAX_BYTES / sizeof(Elf32_auxv_t)];
	} vector = { 0 };
	struct auxv auxv = { 0 };
	bool is_wide;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, &vector, sizeof(vector));
	if (n < 0)
		return -errno;
	/* types are small numbers: a 32-bit program's first one has its value on top */
	is_wide = vector.wide[0].a_type >> 32 == 0;
	for (size_t i = 0; is_wide && i < (size_t)n / sizeof(vector.wide[0]); i++)
		note(&auxv, vector.wide[i].a_type, vector.wide[i].a_un.a_val);
	for (size_t i = 0; !is_wide && i < (size_t)n / sizeof(vector.narrow[0]); i++)
		note(&auxv, vector.narrow[i].a_type, vector.narrow[i].a_un.a_val);
	if (!auxv.entry)
		return -ENODATA;
	*ret = auxv;
	return 0;
}
