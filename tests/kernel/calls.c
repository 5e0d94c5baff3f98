/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The calls of random.c: each with random arguments, and with what the model wants of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "model.h"

#define RW (PROT_READ | PROT_WRITE)

static uint64_t state;
static size_t program_break;
static bool has_pkey_mprotect;
/* for the report */
static const char *call = "nothing";
static struct range tried;
static int page_file = -1;

unsigned any(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 33) % below;
}

struct range any_range(size_t most)
{
	struct range r = { .area = &areas[any(AREAS)], .count = 1 + any(most) };

	r.first = any(AREA_PAGES - r.count + 1);
	return r;
}

static int any_prot(void)
{
	static const int prots[] = { PROT_NONE, PROT_READ, RW, RW };

	return prots[any(COUNT(prots))];
}

static bool is_wanted(int got, int want)
{
	switch (want) {
	case ANY:
		return got != EPERM;
	case ERROR:
		return got != 0;
	case OPEN:
		return true;
	default:
		return got == want;
	}
}

void agree(const char *name, struct range r, long result, int want)
{
	int got = result == -1 ? errno : 0;

	call = name;
	tried = r;
	if (is_wanted(got, want))
		return;
	printf("# errno %d, expected %d\n", got, want);
	exit(1);
}

int forbidden(struct range r, unsigned seals)
{
	return sealed_in(r, seals) ? EPERM : 0;
}

static int want_of_mseal(struct range r, unsigned types)
{
	for (size_t i = 0; i < r.count; i++) {
		const struct page *page = page_of(r, i);

		if (!page->mapped)
			return ENOMEM;
		if ((page->seals & SEAL_SEAL) && (types & ~page->seals))
			return EACCES;
	}
	return 0;
}

static void try_mseal(void)
{
	struct range r = any_range(4);
	unsigned types = any(SEAL_ALL + 1), all = types ? types : SEAL_ALL;
	int want;

	if (all & (SEAL_PROT_PKEY | SEAL_DISCARD))
		all |= SEAL_BASE;
	want = want_of_mseal(r, all);
	agree("mseal", r, syscall(MSEAL, start_of(r), size_of(r) - any(page_size), types,
				  types ? 0 : any(5)), want);
	for (size_t i = 0; want == 0 && i < r.count; i++)
		page_of(r, i)->seals |= all;
}

static void try_munmap(void)
{
	struct range r = any_range(3);
	int want = forbidden(r, SEAL_BASE);

	agree("munmap", r, munmap(start_of(r), size_of(r)), want);
	if (want == 0)
		set_pages(r, NULL);
}

static void try_mmap(void)
{
	static const int flags[] = {
		[PRIVATE] = MAP_PRIVATE | MAP_ANONYMOUS,
		[SHARED] = MAP_SHARED | MAP_ANONYMOUS,
		[OF_FILE] = MAP_PRIVATE,
	};
	struct range r = any_range(8);
	struct page new = { .mapped = true, .prot = any_prot(), .kind = PRIVATE };
	int want = forbidden(r, SEAL_BASE), fixed = MAP_FIXED;
	void *p;

	if (any(3) == 0)
		new.kind = any(2) == 0 ? SHARED : OF_FILE;
	if (any(4) == 0) {
		fixed = MAP_FIXED_NOREPLACE;
		want = mapped_in(r) > 0 ? EEXIST : 0;
	}
	if (new.kind != PRIVATE)
		new.content = UNKNOWN;
	p = mmap(start_of(r), size_of(r), new.prot, flags[new.kind] | fixed,
		 new.kind == OF_FILE ? page_file : -1, 0);
	agree("mmap", r, p == MAP_FAILED ? -1 : 0, want);
	if (want == 0)
		set_pages(r, &new);
}

/* It goes on up to a gap, but only if no page of the whole range is sealed. */
static void try_mprotect(void)
{
	struct range r = any_range(6);
	int prot = any_prot(), want = forbidden(r, SEAL_PROT_PKEY);
	bool by_key = has_pkey_mprotect && any(2) == 0;

	if (!page_of(r, 0)->mapped || (want == 0 && mapped_in(r) < r.count))
		want = ENOMEM;
	agree(by_key ? "pkey_mprotect" : "mprotect", r,
	      by_key ? syscall(SYS_pkey_mprotect, start_of(r), size_of(r), prot, -1) :
		       mprotect(start_of(r), size_of(r), prot), want);
	if (want == EPERM)
		return;
	for (size_t i = 0; i < r.count && page_of(r, i)->mapped; i++)
		page_of(r, i)->prot = prot;
}

/* What mremap() or brk() add to a mapping with pages as PAGE. */
static struct page more_of(const struct page *page)
{
	struct page new = *page;

	new.content = page->kind == PRIVATE ? 0 : UNKNOWN;
	return new;
}

/* mremap() without a new address, and not allowed to look for one. */
static void try_resize(void)
{
	struct range r = any_range(6), all = r, more;
	size_t new = 1 + any(8), left;
	int want = forbidden(r, SEAL_BASE);
	struct page page;

	if (new > AREA_PAGES - r.first)
		new = AREA_PAGES - r.first;
	all.count = new > r.count ? new : r.count;
	more = (struct range){ r.area, r.first + r.count, all.count - r.count };
	left = left_in_mapping(r);
	page = more_of(page_of(r, 0));
	if (left == 0)
		want = EFAULT;
	else if (want == 0 && new > r.count && r.count != left)
		want = r.count > left ? EFAULT : ENOMEM;
	else if (want == 0 && new > r.count && mapped_in(more) > 0)
		want = ENOMEM;
	agree("mremap, resize", all,
	      mremap(start_of(r), size_of(r), new * page_size, 0) == MAP_FAILED ? -1 : 0, want);
	if (want == 0 && new > r.count)
		set_pages(more, &page);
	else if (want == 0)
		set_pages((struct range){ r.area, r.first + new, r.count - new }, NULL);
}

static bool overlap(struct range a, struct range b)
{
	return a.area == b.area && a.first < b.first + b.count && b.first < a.first + a.count;
}

/* FROM, which is in one mapping, goes TO another place, and maybe leaves something behind. */
static void move_pages(struct range from, struct range to, bool duplicate, bool keep)
{
	struct page old[AREA_PAGES];
	size_t moved = from.count < to.count ? from.count : to.count;
	struct page fresh = more_of(page_of(from, 0));

	memcpy(old, page_of(from, 0), sizeof(old[0]) * from.count);
	set_pages(to, &fresh);
	if (duplicate)
		return;
	if (keep)
		set_pages(from, &fresh);
	else
		set_pages(from, NULL);
	memcpy(page_of(to, 0), old, sizeof(old[0]) * moved);
}

static void try_move(void)
{
	struct range from = any_range(5), to = any_range(5);
	size_t left = left_in_mapping(from), length;
	bool keep = any(4) == 0, duplicate;
	int want;
	void *p;

	if (left == 0)
		return;
	if (from.count > left)
		from.count = left;
	if (keep)
		to.count = from.count;
	if (to.first + to.count > AREA_PAGES)
		to.first = AREA_PAGES - to.count;
	/* with an old length of 0; of private memory, only after TO has been unmapped */
	duplicate = !keep && page_of(from, 0)->kind == SHARED && any(3) == 0;
	if (duplicate)
		from.count = 1;
	want = forbidden(from, SEAL_BASE);
	if (want == 0)
		want = forbidden(to, SEAL_BASE);
	if (overlap(from, to)) {
		if (duplicate)
			return;
		want = EINVAL;
	}
	length = duplicate ? 0 : size_of(from);
	p = mremap(start_of(from), length, size_of(to),
		   MREMAP_MAYMOVE | MREMAP_FIXED | (keep ? 4 /* MREMAP_DONTUNMAP */ : 0),
		   start_of(to));
	agree("mremap, move", from, p == MAP_FAILED ? -1 : 0, want);
	if (want == 0)
		move_pages(from, to, duplicate, keep);
}

static void try_remap_file_pages(void)
{
	struct range r = any_range(3);
	size_t left = left_in_mapping(r);
	struct page page = *page_of(r, 0);
	int want;

	if (left == 0 || page.kind != SHARED)
		return;
	if (r.count > left)
		r.count = left;
	want = forbidden(r, SEAL_BASE);
	agree("remap_file_pages", r,
	      syscall(SYS_remap_file_pages, start_of(r), size_of(r), 0, any(3), 0), want);
	page.seals = 0;
	if (want == 0)
		set_pages(r, &page);
}

static void try_shmat(void)
{
	static const struct page new = {
		.mapped = true, .prot = RW, .kind = ATTACHED, .content = UNKNOWN,
	};
	struct range r = any_range(3);
	int want = forbidden(r, SEAL_BASE), id = shmget(IPC_PRIVATE, size_of(r), 0600 | IPC_CREAT);
	void *p;

	if (id < 0)
		return;
	p = shmat(id, start_of(r), SHM_REMAP);
	agree("shmat", r, p == (void *)-1 ? -1 : 0, want);
	shmctl(id, IPC_RMID, NULL);
	if (want == 0)
		set_pages(r, &new);
}

/* brk() says by the break that it could not do it. */
static void try_brk(void)
{
	static const struct page fresh = { .mapped = true, .prot = RW, .kind = PRIVATE };
	size_t new = any(AREA_PAGES), old = program_break;
	struct range r = { &areas[HEAP], new < old ? new : old, new < old ? old - new : new - old };
	struct range ahead = { r.area, r.first, r.count + 1 };
	char *want = r.area->base + new * page_size;
	bool refused = new < old ? mapped_in(r) == 0 || sealed_in(r, SEAL_BASE) :
				   mapped_in(ahead) > 0;

	if (new == old)
		return;
	errno = ENOMEM;
	agree("brk", r, syscall(SYS_brk, want) == (long)want ? 0 : -1, refused ? ENOMEM : 0);
	if (refused)
		return;
	set_pages(r, new < old ? NULL : &fresh);
	program_break = new;
}

/* By /proc/self/mem, which does not go by the permissions of what is not sealed. */
static void try_forced_write(void)
{
	static int fd = -1;
	struct range r = any_range(1);
	struct page *page = page_of(r, 0);
	unsigned char byte = any(256);
	ssize_t n;

	if (fd < 0)
		fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	if (!page->mapped || page->kind != PRIVATE)
		return;
	n = pwrite(fd, &byte, 1, (off_t)(unsigned long)start_of(r));
	agree("/proc/self/mem", r, n == 1 ? 0 : -1,
	      (page->seals & SEAL_BASE) && !(page->prot & PROT_WRITE) ? EIO : 0);
	if (n == 1)
		page->content = byte;
}

static void try_write(void)
{
	struct range r = any_range(1);
	struct page *page = page_of(r, 0);

	if (!page->mapped || page->kind != PRIVATE || page->prot != RW)
		return;
	page->content = any(256);
	*(unsigned char *)start_of(r) = page->content;
}

/* Does a child have the same seals? */
static void try_fork(void)
{
	struct range r = { areas, 0, AREA_PAGES };
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (compare_smaps(true))
			_exit(0);
		exit(1);
	}
	agree("fork", r, pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1, 0);
}

static const struct {
	void (*try)(void);
	unsigned weight;
} calls[] = {
	{ try_mseal, 5 },
	{ try_mmap, 14 },
	{ try_munmap, 5 },
	{ try_mprotect, 10 },
	{ try_discard, 8 },
	{ try_advice_for_fork, 3 },
	{ try_advice, 6 },
	{ try_mlock, 5 },
	{ try_mbind, 4 },
	{ try_name, 4 },
	{ try_userfaultfd, 4 },
	{ try_resize, 10 },
	{ try_move, 12 },
	{ try_remap_file_pages, 3 },
	{ try_shmat, 3 },
	{ try_brk, 6 },
	{ try_forced_write, 4 },
	{ try_write, 16 },
	{ try_fork, 1 },
};

void begin_calls(uint64_t seed)
{
	state = seed * 0x9e3779b97f4a7c15u | 1;
	page_file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	has_pkey_mprotect = syscall(SYS_pkey_mprotect, NULL, 0, PROT_READ, -1) == 0;
}

void try_any_call(void)
{
	unsigned total = 0, chosen;
	size_t i;

	for (i = 0; i < COUNT(calls); i++)
		total += calls[i].weight;
	chosen = any(total);
	for (i = 0; chosen >= calls[i].weight; i++)
		chosen -= calls[i].weight;
	calls[i].try();
}

void say_last_call(void)
{
	printf("# after %s of %p, %zu pages\n", call, (void *)(tried.area ? start_of(tried) : NULL),
	       tried.count);
}
