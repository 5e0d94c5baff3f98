/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Of the calls of random.c, those that keep mappings where they are: advice, and so on. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"
#include "model.h"

/* Is there a page in the range with one of the seals that we cannot write to? */
static bool sealed_read_only(struct range r, unsigned seals, enum kind kind)
{
	for (size_t i = 0; i < r.count; i++) {
		const struct page *page = page_of(r, i);

		if (page->mapped && page->kind == kind && (page->seals & seals) &&
		    !(page->prot & PROT_WRITE))
			return true;
	}
	return false;
}

/* MADV_REMOVE looks at all that is shared; of a file it depends on what mlock() copied. */
static int want_of_discard(struct range r, int advice)
{
	if (advice == MADV_REMOVE) {
		for (enum kind kind = PRIVATE; kind <= OF_FILE; kind++)
			if (sealed_read_only(r, SEAL_DISCARD, kind))
				return EPERM;
		return ANY;
	}
	if (sealed_read_only(r, SEAL_DISCARD, PRIVATE))
		return EPERM;
	return sealed_read_only(r, SEAL_DISCARD, OF_FILE) ? OPEN : ANY;
}

void try_discard(void)
{
	/* MADV_DONTNEED_LOCKED is new in 5.18 */
	static const int advice[] = { MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, 24, MADV_REMOVE };
	struct range r = any_range(6);
	int chosen = advice[any(COUNT(advice))], want = want_of_discard(r, chosen);

	agree("madvise, discard", r, madvise(start_of(r), size_of(r), chosen), want);
	for (size_t i = 0; want != EPERM && i < r.count; i++)
		page_of(r, i)->content = UNKNOWN;
}

void try_advice_for_fork(void)
{
	static const int advice[] = {
		MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK,
	};
	struct range r = any_range(6);

	agree("madvise, for fork", r,
	      madvise(start_of(r), size_of(r), advice[any(COUNT(advice))]),
	      sealed_in(r, SEAL_BASE) ? EPERM : ANY);
}

void try_advice(void)
{
	static const int advice[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_WILLNEED, MADV_DONTDUMP, MADV_DODUMP,
		MADV_MERGEABLE, MADV_UNMERGEABLE,
		MADV_HUGEPAGE, MADV_NOHUGEPAGE, 20 /* MADV_COLD */, 21 /* MADV_PAGEOUT */,
	};
	struct range r = any_range(6);

	agree("madvise", r, madvise(start_of(r), size_of(r), advice[any(COUNT(advice))]), ANY);
}

void try_mlock(void)
{
	struct range r = any_range(6);

	agree("mlock", r, any(2) ? mlock(start_of(r), size_of(r)) :
				   munlock(start_of(r), size_of(r)), ANY);
}

void try_mbind(void)
{
	struct range r = any_range(6);
	unsigned long node = 1;
	int mode = any(3);

	agree("mbind", r, syscall(SYS_mbind, start_of(r), size_of(r), mode,
				  mode ? &node : NULL, mode ? 8 : 0, 0), ANY);
}

void try_name(void)
{
	struct range r = any_range(6);

	agree("PR_SET_VMA", r, prctl(0x53564d41, 0, start_of(r), size_of(r),
				     any(2) ? "name" : NULL), ANY);
}

/* Registered only as long as nothing touches the memory: it would wait for us. */
void try_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct range r = any_range(6);
	int want = ANY, fd = syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */);

	if (fd < 0)
		return;
	/* or EINVAL, for the file */
	for (enum kind kind = PRIVATE; kind <= OF_FILE; kind++)
		if (sealed_read_only(r, SEAL_BASE, kind))
			want = ERROR;
	reg.range.start = (unsigned long)start_of(r);
	reg.range.len = size_of(r);
	agree("UFFDIO_API", r, ioctl(fd, UFFDIO_API, &api), 0);
	agree("UFFDIO_REGISTER", r, ioctl(fd, UFFDIO_REGISTER, &reg), want);
	if (!compare_smaps(false))
		exit(1);
	if (any(2))
		agree("UFFDIO_UNREGISTER", r, ioctl(fd, UFFDIO_UNREGISTER, &reg.range), ANY);
	close(fd);
}
