/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "auxv.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

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

int auxv_read(pid_t pid, bool is_64, struct auxv *ret)
{
	cleanup_fd int fd = process_open(pid, pid, "auxv");
	union {
		unsigned char bytes[SIZE_MAX_BYTES];
		Elf64_auxv_t e64[SIZE_MAX_BYTES / sizeof(Elf64_auxv_t)];
		Elf32_auxv_t e32[SIZE_MAX_BYTES / sizeof(Elf32_auxv_t)];
	} text;
	struct auxv auxv = { 0 };
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, &text, sizeof(text));
	if (n < 0)
		return -errno;
	for (size_t i = 0; is_64 && i < (size_t)n / sizeof(text.e64[0]); i++)
		note(&auxv, text.e64[i].a_type, text.e64[i].a_un.a_val);
	for (size_t i = 0; !is_64 && i < (size_t)n / sizeof(text.e32[0]); i++)
		note(&auxv, text.e32[i].a_type, text.e32[i].a_un.a_val);
	if (!auxv.entry)
		return -ENODATA;
	*ret = auxv;
	return 0;
}
