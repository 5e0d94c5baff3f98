/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "gadgets.h"

#include <stdbool.h>
#include <string.h>

#include "remote-regs.h"
#include "signal-frame.h"

#define PIECE (64 * 1024)
/* longer than any sequence looked for, so that none is lost between two pieces */
#define OVERLAP 16

static bool complete(const struct gadgets *g)
{
	return g->syscall && g->syscall_return && g->restorer;
}

static void note(uint64_t *gadget, uint64_t base, const unsigned char *bytes, size_t len,
		 const unsigned char *sequence, size_t sequence_len)
{
	const unsigned char *hit;

	if (*gadget)
		return;
	hit = memmem(bytes, len, sequence, sequence_len);
	if (hit)
		*gadget = base + (uint64_t)(hit - bytes);
}

static void note_restorer(uint64_t *gadget, uint64_t base, const unsigned char *bytes, size_t len)
{
	const unsigned char *from = bytes, *hit;

	while (!*gadget && (hit = memmem(from, len - (size_t)(from - bytes), restorer_insns,
					 sizeof(restorer_insns)))) {
		size_t prefix = restorer_prefix(hit, (size_t)(hit - bytes));

		if (prefix > 0)
			*gadget = base + (uint64_t)(hit - bytes) - prefix;
		from = hit + 1;
	}
}

static void scan(struct gadgets *g, const struct memory *m, uint64_t start, uint64_t end)
{
	unsigned char bytes[PIECE];

	while (start < end && !complete(g)) {
		size_t n = end - start < PIECE ? end - start : PIECE;

		if (m->read(m, start, bytes, n) < 0)
			return;
		note(&g->syscall, start, bytes, n, remote_syscall_insn,
		     sizeof(remote_syscall_insn));
		note(&g->syscall_return, start, bytes, n, syscall_return_insns,
		     sizeof(syscall_return_insns));
		note_restorer(&g->restorer, start, bytes, n);
		if (n < PIECE)
			return;
		start += PIECE - OVERLAP;
	}
}

/* The vdso has the first, the loader of every libc all of them: they come first. */
static bool is_likely(const struct region *r)
{
	const char *object = region_object(r), *slash = strrchr(object, '/');
	const char *name = slash ? slash + 1 : object;

	return r->class == CLASS_VDSO || strncmp(name, "ld-", 3) == 0 ||
	       strncmp(name, "libc.", 5) == 0;
}

static bool is_executable(const struct region *r)
{
	return (r->class == CLASS_VDSO || r->class == CLASS_TEXT) &&
	       (r->vma->perms & (VMA_READ | VMA_EXEC)) == (VMA_READ | VMA_EXEC);
}

void gadgets_find(struct gadgets *ret, const struct memory *m, const struct regions *regions)
{
	struct gadgets g = { 0 };

	for (int likely = 1; likely >= 0; likely--) {
		for (size_t i = 0; i < regions->count && !complete(&g); i++) {
			const struct region *r = &regions->items[i];

			if (is_executable(r) && is_likely(r) == likely)
				scan(&g, m, r->start, r->end);
		}
	}
	*ret = g;
}
