/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "rescue-frame.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "page.h"
#include "proc-file.h"
#include "process.h"
#include "remote-memory.h"
#include "signal-frame.h"
#include "signal-stack.h"
#include "syscall-restart.h"

/* Stack left below the frame, for a signal handler that may run before the frame is used. */
#define MARGIN 8192

/* How far above the stack pointer the frame of a signal handler is looked for. */
#define STACK_SCAN ((size_t)256 << 10)

/*
 * [stack] is searched for unused memory in windows of this size.  A signal handler that
 * ran below an earlier frame makes a window unusable, so there is more than one.
 */
#define WINDOW_SIZE (24 * 1024)
#define WINDOWS_MAX 4

_Static_assert(WINDOW_SIZE >= MARGIN + SIGNAL_FRAME_MAX, "a frame fits");

/* Documentation/admin-guide/mm/pagemap.rst: bits of an entry */
#define PAGE_PRESENT (1ull << 63)
#define PAGE_SWAPPED (1ull << 62)

/* Was nothing written yet to the window at START?  A page exists from the first write on. */
static bool never_used(int pagemap, uint64_t start)
{
	/* no page is smaller; the window may begin and end inside of larger ones */
	uint64_t entries[WINDOW_SIZE / 4096];
	uint64_t first = page_down(start) / page_size();
	size_t count = page_up(start + WINDOW_SIZE) / page_size() - first;
	size_t len = count * sizeof(entries[0]);

	if (pread(pagemap, entries, len, (off_t)(first * sizeof(entries[0]))) != (ssize_t)len)
		return false;
	for (size_t i = 0; i < count; i++)
		if (entries[i] & (PAGE_PRESENT | PAGE_SWAPPED))
			return false;
	return true;
}

/* The last bytes of a window that holds one of our frames. */
struct trailer {
	char mark[sizeof(SIGNAL_FRAME_MARK)];
	uint32_t frame_len;	/* how far down the frame reaches, */
	uint32_t used_len;	/* and the calls below it */
};

static bool all_zero(const unsigned char *bytes, size_t len)
{
	return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

/*
 * If the window at START looks as if it held nothing but an earlier frame, return how many
 * bytes of it are used; else 0.  It proves nothing: a program may have received such bytes.
 */
static uint32_t used_by_us(const struct memory *m, const struct remote_abi *abi, uint64_t start)
{
	unsigned char bytes[WINDOW_SIZE];
	remote_regs regs = { 0 };
	struct trailer trailer;
	size_t head;
	uint64_t mask;

	if (m->read(m, start, bytes, sizeof(bytes)) < 0)
		return 0;
	memcpy(&trailer, bytes + sizeof(bytes) - sizeof(trailer), sizeof(trailer));
	if (memcmp(trailer.mark, SIGNAL_FRAME_MARK, sizeof(trailer.mark)) != 0 ||
	    trailer.frame_len < SIGNAL_FRAME_HEAD || trailer.used_len < trailer.frame_len ||
	    trailer.used_len > sizeof(bytes))
		return 0;
	head = sizeof(bytes) - trailer.frame_len;
	return all_zero(bytes, sizeof(bytes) - trailer.used_len) &&
	       (abi->read_frame(bytes + head, &regs, &mask) ||
		all_zero(bytes + head, trailer.frame_len - sizeof(trailer))) ?
	       trailer.used_len : 0;
}

static const struct region *main_stack(const struct place *p)
{
	for (size_t i = 0; i < p->regions->count; i++)
		if (p->regions->items[i].class == CLASS_STACK)
			return &p->regions->items[i];
	return NULL;
}

/*
 * Is STACK, with an inaccessible guard page BELOW, the pthread stack of the thread of P?
 * glibc and musl place the thread's descriptor at its upper end; the stacks of coroutines
 * have none.  That of the first thread lies elsewhere, and may be right above anything.
 */
static bool is_pthread_stack(const struct place *p, const struct region *stack,
			     const struct region *below)
{
	uint64_t descriptor = remote_regs_thread_pointer(p->thread->tid, p->regs,
							 p->abi->word == 8);

	return p->thread->tid != p->thread->pid && stack->class == CLASS_ANON &&
	       stack->start == stack->vma->start && descriptor > remote_regs_sp(p->regs) &&
	       descriptor < stack->end && below && below->end == stack->start &&
	       !(below->vma->perms & (VMA_READ | VMA_WRITE | VMA_EXEC));
}

static const struct region *region_at(const struct place *p, uint64_t addr)
{
	for (size_t i = 0; i < p->regions->count; i++)
		if (addr >= p->regions->items[i].start && addr < p->regions->items[i].end)
			return &p->regions->items[i];
	return NULL;
}

/* The stack that the thread of P is on, if it is known to be a stack; or NULL. */
static const struct region *own_stack(const struct place *p)
{
	const struct region *r = region_at(p, remote_regs_sp(p->regs));

	return r && (r->class == CLASS_STACK ||
		     is_pthread_stack(p, r, r > p->regions->items ? r - 1 : NULL)) ? r : NULL;
}

/* Is a thread at SP in a handler on an alternate signal stack, which may lie in STACK? */
static bool on_alternate_stack(const struct place *p, const struct region *stack, uint64_t sp)
{
	uint64_t base = sp & ~(uint64_t)(p->abi->word - 1);
	size_t len = stack->end - base < STACK_SCAN ? stack->end - base : STACK_SCAN;
	cleanup_free unsigned char *bytes = malloc(len);

	return !bytes || p->memory.read(&p->memory, base, bytes, len) < 0 ||
	       signal_stack_is_alternate(p->abi, bytes, len, base);
}

/* Is no stopped thread's stack pointer, with its red zone, or descriptor from START to END? */
static bool has_no_thread(const struct place *p, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < p->tracee->count; i++) {
		const struct tracee_thread *thread = &p->tracee->threads[i];
		uint64_t descriptor, sp;
		remote_regs regs;

		if (thread->state != THREAD_STOPPED)
			continue;
		if (remote_regs_get(thread->tid, &regs) < 0)
			return false;
		sp = remote_regs_sp(&regs);
		descriptor = remote_regs_thread_pointer(thread->tid, &regs, p->abi->word == 8);
		if ((sp >= start && sp < end + SIGNAL_FRAME_RED_ZONE) ||
		    (descriptor >= start && descriptor < end))
			return false;
	}
	return true;
}

/* The stack pointer of the first thread, or 0 if that is not stopped. */
static uint64_t first_sp(const struct place *p)
{
	for (size_t i = 0; i < p->tracee->count; i++) {
		const struct tracee_thread *thread = &p->tracee->threads[i];
		remote_regs regs;

		if (thread->tid == p->tracee->pid)
			return thread->state == THREAD_STOPPED &&
			       remote_regs_get(thread->tid, &regs) == 0 ? remote_regs_sp(&regs) : 0;
	}
	return 0;
}

/*
 * Is everything that is in use of STACK, the main stack, above END?  That is only known while
 * the first thread, whose stack pointer is SP, is on that stack.
 */
static bool is_used_above(const struct place *p, const struct region *stack, uint64_t end,
			  uint64_t sp)
{
	const struct region *at = region_at(p, sp);

	return at && at->class == CLASS_STACK && !on_alternate_stack(p, at, sp) &&
	       has_no_thread(p, stack->start, end);
}

/* Where a frame may lie. */
struct room {
	uint64_t bottom, top;
	bool window;		/* a trailer follows the frame, and both may stay, */
	uint32_t used;		/* unless so many bytes seem to be of an earlier frame */
	bool own;		/* below the thread's stack pointer: nothing there is needed */
};

/*
 * Find a window in [stack] that was never used, or one with an earlier frame that no thread
 * can be using.  A program starts with 128 KB of stack (setup_arg_pages(), fs/exec.c) and
 * seldom reaches the last of them.
 */
static bool find_window(struct room *ret, const struct place *p)
{
	cleanup_fd int pagemap = process_open(p->thread->pid, p->thread->tid, "pagemap");
	const struct region *stack = main_stack(p);
	uint64_t sp = first_sp(p);

	if (pagemap < 0 || !stack)
		return false;
	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		uint64_t start = stack->start + i * WINDOW_SIZE, end = start + WINDOW_SIZE;
		uint32_t used = 0;

		/* above its stack pointer, a function of the first thread may be using it */
		if (end >= stack->end || (sp >= stack->start && sp < end + SIGNAL_FRAME_RED_ZONE))
			return false;
		if (!never_used(pagemap, start)) {
			used = used_by_us(&p->memory, p->abi, start);
			if (used == 0 || !is_used_above(p, stack, end, sp))
				continue;
		}
		*ret = (struct room){
			.bottom = start, .top = end - sizeof(struct trailer),
			.window = true, .used = used,
		};
		return true;
	}
	return false;
}

static int find_room(struct room *ret, const struct place *p)
{
	const struct region *stack;
	uint64_t end, start;
	bool own = true;

	if (find_window(ret, p))
		return 0;
	stack = own_stack(p);
	end = remote_regs_sp(p->regs) - SIGNAL_FRAME_RED_ZONE;
	start = end - WINDOW_SIZE;
	if (!stack || start < stack->start || start > end ||
	    on_alternate_stack(p, stack, remote_regs_sp(p->regs))) {
		/* the main stack, where it has once been deepest */
		stack = main_stack(p);
		if (!stack || stack->end - stack->start < WINDOW_SIZE)
			return -ENOTSUP;
		start = stack->start;
		end = start + WINDOW_SIZE;
		own = false;
	}
	*ret = (struct room){ .bottom = start, .top = end, .own = own };
	return has_no_thread(p, start, end) ? 0 : -ENOTSUP;
}

/* From the beginning of FRAME to the end of its window. */
static size_t trailed_len(const struct room *room, const struct signal_frame *frame)
{
	return (size_t)(room->top + sizeof(struct trailer) - frame->address);
}

/* Keep what is in the place of FRAME, of the calls below it and a trailer, to put it back. */
static int save_bytes(struct rescue_frame *ret, const struct place *p,
		      const struct signal_frame *frame, const struct room *room)
{
	size_t len = ret->below + (room->window ? trailed_len(room, frame) : frame->len);
	cleanup_free unsigned char *bytes = malloc(len);
	int r = bytes ? p->memory.read(&p->memory, frame->address - ret->below, bytes, len) :
			-ENOMEM;

	if (r < 0)
		return r;
	ret->len = len;
	ret->saved = bytes;
	bytes = NULL;
	return 0;
}

static int write_frame(pid_t tid, const struct signal_frame *frame, const struct room *room,
		       size_t below)
{
	uint32_t len = (uint32_t)trailed_len(room, frame);
	uint32_t used = len + (uint32_t)below;
	const struct trailer trailer = {
		.mark = SIGNAL_FRAME_MARK, .frame_len = len,
		/* what is there from a longer chain stays there */
		.used_len = used > room->used ? used : room->used,
	};
	int r = 0;

	/* first: a frame without it would keep the window from being used again */
	if (room->window)
		r = remote_memory_write(tid, room->top, &trailer, sizeof(trailer));
	return r < 0 ? r : remote_memory_write(tid, frame->address, frame->bytes, frame->len);
}

/* Pops behind the call instruction may load marked registers: they load the mark again. */
static int write_pops(const struct rescue_frame *frame, const struct place *p, size_t pops)
{
	unsigned char words[REMOTE_POPS_MAX * sizeof(uint64_t)];

	for (size_t i = 0; i < pops; i++)
		memcpy(words + i * p->abi->word, &frame->address, p->abi->word);
	return pops == 0 ? 0 : remote_memory_write(p->thread->tid, frame->stack, words,
						   pops * p->abi->word);
}

int rescue_frame_remove(struct rescue_frame *frame, pid_t tid)
{
	int r = 0;

	if (frame->saved)
		r = remote_memory_write(tid, frame->address - frame->below, frame->saved,
					frame->len);
	free(frame->saved);
	frame->saved = NULL;
	return r;
}

int rescue_frame_place(struct rescue_frame *ret, const struct place *p, uint64_t mask,
		       const struct gadgets *gadgets)
{
	remote_regs back = *p->regs;
	struct fpu_state fpu;
	const struct frame_content content = { .regs = &back, .mask = mask, .fpu = &fpu };
	struct signal_frame frame;
	struct room room;

	*ret = (struct rescue_frame){
		.insn = gadgets->syscall_return, .restorer = gadgets->restorer,
	};
	if (!gadgets->syscall_return || !gadgets->restorer ||
	    fpu_state_read(p->thread->tid, &fpu) < 0 || find_room(&room, p) < 0)
		return -ENOTSUP;
	syscall_restart_rewind(&back, p->abi, &p->memory, p->number);
	if (p->abi->build_frame(&frame, &content, gadgets->restorer, room.top) < 0 ||
	    frame.address < room.bottom + MARGIN)
		return -ENOTSUP;
	ret->address = frame.address;
	ret->stack = frame.address - gadgets->pops * p->abi->word;
	if (room.window || room.own)
		ret->below = frame.address - room.bottom - MARGIN;
	if (ret->below > p->below)
		ret->below = p->below;
	/* at least what pops take; the margin has room for that */
	if (ret->below < frame.address - ret->stack)
		ret->below = frame.address - ret->stack;
	/* only a window that was never used is left with the frame in it */
	if (((!room.window || room.used > 0) && save_bytes(ret, p, &frame, &room) < 0) ||
	    write_frame(p->thread->tid, &frame, &room, ret->below) < 0 ||
	    write_pops(ret, p, gadgets->pops) < 0) {
		rescue_frame_remove(ret, p->thread->tid);
		return -ENOTSUP;
	}
	return 0;
}
