/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "gadgets.h"

#include <errno.h>
#include <string.h>

#include "path.h"

/* what is read at once: the stack may be limited to not much more */
#define PIECE (16 * 1024)
/* how much is looked at on either side of a system call instruction */
#define CONTEXT 32
/* the target is stopped during the search, and a browser has hundreds of MB of text */
#define SCAN_MAX (16u << 20)
/* How many pages may take too long to be read. */
#define TIMEOUTS_MAX 2
/* for instructions that merely save time; a libc has them in its first 128 KiB */
#define LOADS_SCAN_MAX (1u << 20)

#define PASSES 3

/* The search of one process, and its results so far. */
struct search {
	struct gadgets found;
	const struct memory *memory;
	const struct remote_abi *abi;
	bool loads;
	size_t left;		/* bytes that may still be read */
	unsigned timeouts;	/* pages that took too long */
};

static bool has_calls(const struct search *s)
{
	return s->found.syscall_return && s->found.restorer;
}

bool gadgets_have_loads(const struct gadgets *g)
{
	return g->loads[REMOTE_LOAD_NUMBER] && g->loads[REMOTE_LOAD_ARG0] &&
	       g->loads[REMOTE_LOAD_ARG1];
}

static bool complete(const struct search *s)
{
	return has_calls(s) && (!s->loads || gadgets_have_loads(&s->found));
}

/* There is a system call instruction INSN, at ADDR, with BEFORE and AFTER bytes around it. */
static void note(struct search *s, const unsigned char *insn, uint64_t addr, size_t before,
		 size_t after)
{
	size_t pops, load;
	long number;

	if (!s->found.syscall)
		s->found.syscall = addr;
	if (!s->found.syscall_return &&
	    remote_abi_returns(s->abi, insn + REMOTE_INSN_SIZE, after, &pops)) {
		s->found.syscall_return = addr;
		s->found.pops = pops;
	}
	load = s->found.restorer ? 0 : remote_abi_number_before(s->abi, insn, before, &number);
	if (load > 0 && number == s->abi->rt_sigreturn)
		s->found.restorer = addr - load;
}

/*
 * The first of the SIZE bytes CODE in LEN BYTES.  The last byte of an instruction that makes a
 * call or returns is rare enough for memchr(3) to be five times as fast as memmem(3).
 */
static const unsigned char *find_code(const unsigned char *bytes, size_t len,
				      const unsigned char *code, size_t size)
{
	const unsigned char *end = bytes + len, *last = bytes + size - 1;

	while (last < end && (last = memchr(last, code[size - 1], (size_t)(end - last)))) {
		if (memcmp(last + 1 - size, code, size) == 0)
			return last + 1 - size;
		last++;
	}
	return NULL;
}

static void scan_loads(struct search *s, const unsigned char *bytes, size_t len, uint64_t base)
{
	for (size_t i = 0; i < REMOTE_LOADS; i++) {
		const unsigned char *hit = s->found.loads[i] ? NULL :
					   find_code(bytes, len, s->abi->loads[i], REMOTE_LOAD_SIZE);

		if (hit)
			s->found.loads[i] = base + (size_t)(hit - bytes);
	}
}

static void scan_calls(struct search *s, const unsigned char *bytes, size_t len, uint64_t base)
{
	const unsigned char *end = bytes + len, *hit = bytes;

	while (!has_calls(s) &&
	       (hit = find_code(hit, (size_t)(end - hit), s->abi->insn, REMOTE_INSN_SIZE))) {
		size_t before = (size_t)(hit - bytes);
		size_t after = (size_t)(end - hit) - REMOTE_INSN_SIZE;

		if ((base + before) % REMOTE_INSN_ALIGN == 0)
			note(s, hit, base + before, before, after < CONTEXT ? after : CONTEXT);
		hit++;
	}
}

static void scan(struct search *s, uint64_t start, uint64_t end)
{
	unsigned char bytes[PIECE];

	while (start < end && !complete(s)) {
		size_t n = end - start < PIECE ? end - start : PIECE;
		int r;

		if (s->left < n)
			return;
		r = s->memory->read(s->memory, start, bytes, n);
		/* there may be thousands of such objects, each a second */
		if (r == -ETIMEDOUT && ++s->timeouts == TIMEOUTS_MAX)
			s->left = 0;
		if (r < 0)
			return;
		s->left -= n;
		scan_calls(s, bytes, n, start);
		if (s->loads)
			scan_loads(s, bytes, n, start);
		if (has_calls(s) && s->left > LOADS_SCAN_MAX)
			s->left = LOADS_SCAN_MAX;
		if (n < PIECE)
			return;
		/* overlap, so that what lies on the edge is seen with its surroundings */
		start += PIECE - 2 * CONTEXT - REMOTE_INSN_SIZE;
	}
}

/*
 * In which pass is R searched?  First the vdso, which is the kernel's, and which no write
 * to a file changes.  The loader of every libc has all that is needed.
 */
static int pass_of(const struct region *r)
{
	const char *name = path_base(region_object(r));

	if (r->class == CLASS_VDSO)
		return 0;
	return strncmp(name, "ld-", 3) == 0 || strncmp(name, "libc.", 5) == 0 ? 1 : 2;
}

static bool is_executable(const struct region *r)
{
	return (r->class == CLASS_VDSO || r->class == CLASS_TEXT) &&
	       (r->vma->perms & (VMA_READ | VMA_EXEC)) == (VMA_READ | VMA_EXEC);
}

/* Search around ADDR, if it is in executable memory. */
static void scan_around(struct search *s, const struct regions *regions, uint64_t addr)
{
	for (size_t i = 0; addr && i < regions->count; i++) {
		const struct region *r = &regions->items[i];

		if (addr < r->start || addr >= r->end)
			continue;
		if (is_executable(r))
			scan(s, addr - r->start > CONTEXT ? addr - CONTEXT : r->start,
			     r->end - addr > 2 * CONTEXT ? addr + 2 * CONTEXT : r->end);
		return;
	}
}

void gadgets_find(struct gadgets *ret, const struct memory *m, const struct regions *regions,
		  const struct remote_abi *abi, bool loads)
{
	struct search s = {
		.memory = m, .abi = abi, .left = SCAN_MAX, .loads = loads && abi->loads[0][0],
	};

	scan_around(&s, regions, ret->syscall);
	if (!s.found.syscall_return)
		scan_around(&s, regions, ret->syscall_return);
	scan_around(&s, regions, ret->restorer);
	for (size_t i = 0; s.loads && i < REMOTE_LOADS; i++)
		scan_around(&s, regions, ret->loads[i]);
	for (int pass = 0; pass < PASSES; pass++) {
		for (size_t i = 0; i < regions->count && !complete(&s); i++) {
			const struct region *r = &regions->items[i];

			if (is_executable(r) && pass_of(r) == pass)
				scan(&s, r->start, r->end);
		}
	}
	*ret = s.found;
}
