/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PAGE_H
#define MSEALCTL_PAGE_H

#include <stdint.h>
#include <sys/auxv.h>

/* Size of a base page in bytes; from the auxiliary vector, so it costs no system call. */
static inline uint64_t page_size(void)
{
	return getauxval(AT_PAGESZ);
}

static inline uint64_t page_down(uint64_t addr)
{
	return addr & ~(page_size() - 1);
}

/* Rounds up; wraps to 0 for the last page of the address space. */
static inline uint64_t page_up(uint64_t addr)
{
	return page_down(addr + page_size() - 1);
}

#endif
