/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "auxv.h"

#include <elf.h>
#include <errno.h>

#include "cleanup.h"
#include "proc-file.h"
#include "process.h"

/* Several times the size that the kernel gives it: fs/binfmt_elf.c, create_elf_tables(). */
#define SIZE_MAX_BYTES 4096

/* Returns false for the entry that ends the vector. */
static bool set_value(struct auxv *auxv, uint64_t type, uint64_t value)
{
	switch (type) {
	case AT_NULL:
		return false;
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
	return true;
}

int auxv_read(pid_t tid, struct auxv *ret)
{
	cleanup_fd int fd = process_open(tid, tid, "auxv");
	union {
		Elf64_auxv_t e64[SIZE_MAX_BYTES / sizeof(Elf64_auxv_t)];
		Elf32_auxv_t e32[SIZE_MAX_BYTES / sizeof(Elf32_auxv_t)];
	} vector = { 0 };
	struct auxv auxv = { 0 };
	bool is_64, more = true;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, &vector, sizeof(vector));
	if (n < 0)
		return -errno;
	/* types are small; in a 32-bit vector, the upper half is the first value */
	is_64 = vector.e64[0].a_type >> 32 == 0;
	for (size_t i = 0; is_64 && more && i < (size_t)n / sizeof(vector.e64[0]); i++)
		more = set_value(&auxv, vector.e64[i].a_type, vector.e64[i].a_un.a_val);
	for (size_t i = 0; !is_64 && more && i < (size_t)n / sizeof(vector.e32[0]); i++)
		more = set_value(&auxv, vector.e32[i].a_type, vector.e32[i].a_un.a_val);
	if (more || !auxv.entry)
		return -ENODATA;
	*ret = auxv;
	return 0;
}
