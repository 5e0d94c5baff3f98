/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * A frame in memory proves nothing: a program may have received it in a message, and its
 * stack pointer may be right there.  So three things are asked of a thread before a frame
 * gives it its registers:
 *
 * - the registers that msealctl marks all hold the address of the frame (inject.c, chain.c);
 * - the frame begins with what msealctl writes;
 * - the thread is at one of the instructions that msealctl borrows, and their returns lead
 *   from there to code that calls rt_sigreturn(2) with this frame, or with one of a chain.
 *
 * A program's own code may have any values in its registers and on its stack, but its returns
 * lead back into itself.
 */
#include "rescue-finish.h"

#include <string.h>
#include <sys/ptrace.h>

#include "page.h"
#include "remote-abi.h"
#include "remote-memory.h"
#include "rescue-frame.h"
#include "signal-frame.h"

/* Bytes of code that are read at an address */
#define CODE_MAX 48

/* Read up to CODE_MAX bytes at ADDR; returns how many. */
static size_t read_code(const struct memory *m, uint64_t addr, unsigned char *code)
{
	uint64_t left = page_size() - addr % page_size();
	size_t len = left < CODE_MAX ? left : CODE_MAX;

	if (m->read(m, addr, code, len) < 0)
		return 0;
	/* the next page may not be mapped */
	return len < CODE_MAX && m->read(m, addr + len, code + len, CODE_MAX - len) < 0 ?
	       len : CODE_MAX;
}

/* Does CODE call rt_sigreturn(2)?  LOADED is in the register of the number before it runs. */
static bool calls_sigreturn(const struct remote_abi *abi, const unsigned char *code, size_t len,
			    long loaded)
{
	long number = loaded;

	for (size_t at = 0; at <= REMOTE_LOAD_MAX && at + REMOTE_INSN_SIZE <= len; at++)
		if (memcmp(code + at, abi->insn, REMOTE_INSN_SIZE) == 0)
			return (at == 0 ||
				remote_abi_number_before(abi, code + at, at, &number) == at) &&
			       number == abi->rt_sigreturn;
	return false;
}

static bool is_frame(const struct memory *m, const struct remote_abi *abi, uint64_t addr)
{
	unsigned char bytes[SIGNAL_FRAME_HEAD];
	remote_regs regs = { 0 };
	uint64_t mask;

	return m->read(m, addr, bytes, sizeof(bytes)) == 0 &&
	       abi->read_frame(bytes, &regs, &mask);
}

/* A borrowed instruction and the return behind it. */
struct step {
	uint64_t pc;
	size_t pops;		/* words before the address that it returns to */
	bool ends;		/* it calls rt_sigreturn(2) instead of returning */
};

/* How returns lead a thread from one to the next. */
struct way {
	const struct memory *memory;
	const struct remote_abi *abi;
	/* those seen so far: loads, a call, its end, and where the thread is now */
	struct step steps[REMOTE_LOADS + 3];
	size_t count;
};

/*
 * The step at PC, whose code is read when it is seen first; NULL if msealctl borrows no such
 * code.  LOADED is in the register of a call's number.
 */
static const struct step *look_at(struct way *way, uint64_t pc, long loaded)
{
	struct step *new = &way->steps[way->count];
	unsigned char code[CODE_MAX];
	size_t call, len;

	for (size_t i = 0; i < way->count; i++)
		if (way->steps[i].pc == pc)
			return &way->steps[i];
	if (way->count == sizeof(way->steps) / sizeof(way->steps[0]))
		return NULL;
	len = read_code(way->memory, pc, code);
	*new = (struct step){ .pc = pc, .ends = calls_sigreturn(way->abi, code, len, loaded) };
	call = len > REMOTE_INSN_SIZE && memcmp(code, way->abi->insn, REMOTE_INSN_SIZE) == 0 ?
	       REMOTE_INSN_SIZE : 0;
	if (!new->ends && !remote_abi_returns(way->abi, code + call, len - call, &new->pops))
		return NULL;
	way->count++;
	return new;
}

/* Does the code at PC lead to rt_sigreturn(2), if it returns to BACK? */
static bool ends_at(struct way *way, uint64_t pc, uint64_t back, long number)
{
	const struct step *s = look_at(way, pc, number);

	if (s && !s->ends)
		s = look_at(way, back, -1);
	return s && s->ends;
}

/* Does a thread with REGS return to rt_sigreturn(2) with FRAME, or with another below it? */
static bool returns_to(const struct memory *m, const struct remote_abi *abi,
		       const remote_regs *regs, uint64_t frame)
{
	struct way way = { .memory = m, .abi = abi };
	uint64_t back, pc = remote_regs_pc(regs), sp = remote_regs_sp(regs), start = sp;
	unsigned char words[CHAIN_BYTES_MAX];
	size_t len = (size_t)(frame + abi->word - sp);
	long number = remote_regs_number(regs);

	if (remote_regs_get_return(regs, &back))
		return sp <= frame && ends_at(&way, pc, back, number) &&
		       (sp == frame || is_frame(m, abi, sp));
	if (len > sizeof(words) || (len > 0 && m->read(m, sp, words, len) < 0))
		return false;
	for (;;) {
		const struct step *s = look_at(&way, pc, number);

		/* a return has taken the first word of the frame */
		if (s && s->ends)
			return sp - abi->word == frame || is_frame(m, abi, sp - abi->word);
		if (!s || sp - start + (s->pops + 1) * abi->word > len)
			return false;
		sp += s->pops * abi->word;
		pc = 0;
		memcpy(&pc, words + (sp - start), abi->word);
		sp += abi->word;
		number = -1;
	}
}

/* The frame that the marks of REGS name; 0: they name none. */
static uint64_t marked_frame(const remote_regs *regs)
{
	uint64_t frame = remote_regs_mark(regs);

	/* it lies above the stack pointer, but for its first word once that is in use */
	return frame && frame + sizeof(frame) - remote_regs_sp(regs) <= CHAIN_BYTES_MAX ?
	       frame : 0;
}

bool rescue_finish(pid_t tid, const remote_regs *regs)
{
	const struct remote_abi *abi = remote_abi_of(regs);
	struct memory m = remote_memory(tid);
	uint64_t mask, frame = abi ? marked_frame(regs) : 0;
	unsigned char bytes[SIGNAL_FRAME_HEAD];
	remote_regs back = *regs;
	struct fpu_state vectors;

	if (!frame || m.read(&m, frame, bytes, sizeof(bytes)) < 0 ||
	    !abi->read_frame(bytes, &back, &mask) || !returns_to(&m, abi, regs, frame))
		return false;
	/* in this order: if we are killed in between, the frame is still found */
	if (ptrace(PTRACE_SETSIGMASK, tid, sizeof(mask), &mask) == 0 &&
	    vector_state_of_frame(tid, &m, frame, &vectors) == 0 &&
	    vector_state_write(tid, &vectors) == 0)
		remote_regs_set(tid, &back);
	return true;
}
