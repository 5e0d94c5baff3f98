/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "guard.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "cleanup.h"
#include "interrupted.h"
#include "page.h"
#include "process.h"
#include "remote-memory.h"
#include "signal-frame.h"
#include "signal-stack.h"

/* Stack left below the frame, for a signal handler that may run on top of it. */
#define MARGIN 8192

/* How far above the stack pointer the frame of a signal handler is looked for. */
#define STACK_SCAN ((size_t)256 << 10)

/* Windows of unused memory that are looked for in [stack]. */
#define WINDOWS_MAX 4

/* Documentation/admin-guide/mm/pagemap.rst: bits of an entry */
#define PAGE_PRESENT (1ull << 63)
#define PAGE_SWAPPED (1ull << 62)

/* The stack that SP is in, if what is below it is known to be no one else's; or NULL. */
static const struct region *stack_of(const struct regions *regions, uint64_t sp)
{
	for (size_t i = 0; i < regions->count; i++) {
		const struct region *r = &regions->items[i];
		const struct region *below = i > 0 ? &regions->items[i - 1] : NULL;

		if (sp < r->start || sp >= r->end)
			continue;
		if (r->class == CLASS_STACK)
			return r;
		/* pthread stacks: memory that cannot be touched lies right below */
		if (r->class == CLASS_ANON && r->start == r->vma->start && below &&
		    below->end == r->start &&
		    !(below->vma->perms & (VMA_READ | VMA_WRITE | VMA_EXEC)))
			return r;
		return NULL;
	}
	return NULL;
}

/* Has nothing been written yet to the window at START?  Pages come with the first write. */
static bool never_used(int pagemap, uint64_t start, size_t len)
{
	uint64_t page = page_size(), entry;

	for (uint64_t at = start; at < start + len; at += page) {
		off_t offset = (off_t)(at / page * sizeof(entry));

		if (pread(pagemap, &entry, sizeof(entry), offset) != sizeof(entry) ||
		    (entry & (PAGE_PRESENT | PAGE_SWAPPED)))
			return false;
	}
	return true;
}

/*
 * The end of a window in [stack] that nobody has used yet, whoever is on that stack;
 * or 0.  A program starts with 128 KB of it (setup_arg_pages(), fs/exec.c) and seldom
 * comes to the last of them.
 */
static uint64_t unused_stack(const struct tracee_thread *thread, const struct regions *regions,
			     size_t len)
{
	cleanup_fd int pagemap = process_open(thread->pid, thread->tid, "pagemap");
	const struct region *stack = NULL;

	for (size_t i = 0; i < regions->count; i++)
		if (regions->items[i].class == CLASS_STACK)
			stack = &regions->items[i];
	if (pagemap < 0 || !stack)
		return 0;
	/* what an earlier frame has used is used for good */
	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		uint64_t start = stack->start + i * len;

		if (start + len < stack->end && never_used(pagemap, start, len))
			return start + len;
	}
	return 0;
}

/* Is what lies below SP its thread's own, as far as what lies above can tell? */
static bool is_own_stack(const struct remote_abi *abi, const struct memory *m,
			 const struct region *stack, uint64_t sp)
{
	uint64_t base = sp & ~(uint64_t)(abi->word - 1);
	size_t len = stack->end - base < STACK_SCAN ? stack->end - base : STACK_SCAN;
	cleanup_free unsigned char *bytes = malloc(len);

	return bytes && m->read(m, base, bytes, len) == 0 &&
	       !signal_stack_is_alternate(abi, bytes, len, base);
}

/* The highest address that a frame may use; the lowest goes to *RET_BOTTOM.  Or 0. */
static uint64_t find_room(uint64_t *ret_bottom, const struct tracee_thread *thread,
			  const struct remote_abi *abi, const remote_regs *regs,
			  const struct memory *m, const struct regions *regions)
{
	size_t len = page_up(MARGIN + SIGNAL_FRAME_MAX);
	uint64_t sp = remote_regs_sp(regs), top = unused_stack(thread, regions, len);
	const struct region *stack;

	if (top) {
		*ret_bottom = top - len;
		return top;
	}
	stack = stack_of(regions, sp);
	if (!stack || !is_own_stack(abi, m, stack, sp))
		return 0;
	*ret_bottom = stack->start;
	return sp - SIGNAL_FRAME_RED_ZONE;
}

int guard_place(struct guard *ret, const struct tracee_thread *thread,
		const struct remote_abi *abi, const remote_regs *regs, uint64_t mask,
		const struct gadgets *gadgets, const struct regions *regions)
{
	struct memory m = remote_memory(thread->tid);
	remote_regs back = *regs;
	struct signal_frame frame;
	struct fpu_state fpu;
	uint64_t top, bottom;

	if (!gadgets->syscall_return || !gadgets->restorer ||
	    fpu_state_read(thread->tid, &fpu) < 0)
		return -ENOTSUP;
	top = find_room(&bottom, thread, abi, regs, &m, regions);
	if (!top)
		return -ENOTSUP;
	interrupted_rewind(&back, abi, &m);
	if (abi->build_frame(&frame, &back, mask, &fpu, gadgets->restorer, top) < 0 ||
	    frame.address < bottom + MARGIN ||
	    remote_memory_write(thread->tid, frame.address, frame.bytes, frame.len) < 0)
		return -ENOTSUP;
	*ret = (struct guard){
		.insn = gadgets->syscall_return,
		.stack = frame.address - gadgets->pops * abi->word,
	};
	return 0;
}
