/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "relro.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "page.h"

int relro_write(volatile void *to, const void *from, size_t len)
{
	uint64_t start = page_down((uintptr_t)to), end = page_up((uintptr_t)to + len);
	void *page = (void *)(uintptr_t)start;

	if (mprotect(page, end - start, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	memcpy((void *)(uintptr_t)to, from, len);
	return mprotect(page, end - start, PROT_READ) == 0 ? 0 : -errno;
}
