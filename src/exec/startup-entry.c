/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The stop at the entry point where no debug register makes one.
 *
 * A loader finds the address that it jumps to in the auxiliary vector on the stack, AT_ENTRY.
 * It is given the address of a system call instruction of the vdso instead, so that the jump
 * becomes a call, and the program stops before it is made:
 *
 *  1. Before the loader's first instruction, AT_ENTRY is changed: startup_divert().
 *  2. By the time that the loader makes relocated memory read-only, or leaves its own code, it
 *     has copied the vector.  The true value is put back there, and the copy is looked for:
 *     startup_restore_vector().  Other code does not get to see the one in between, if there
 *     is any RELRO.
 *  3. The loader jumps.  The entry stop of the call is known by its instruction and by its stack:
 *     startup_has_jumped().
 *  4. The call is not made.  The program is led to its true entry point, where it is sealed,
 *     and all copies are replaced: startup_undivert().  So they are in a child before it is
 *     let go.
 *
 * A loader that has no copy in step 2, or not any more, may not go by the vector: its calls
 * are followed instead (DIVERT_LOST).  A copy is no proof that it will be used: a call by
 * the program's own code always ends the start-up.
 *
 * Copies are looked for in the registers and on the stack, which is where glibc's and musl's
 * loaders have them.  Others might have them anywhere, and are not diverted.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "gadgets.h"
#include "page.h"
#include "remote-memory.h"
#include "startup-seal.h"
#include "survey.h"

/* More arguments than fit on any stack: the word is something else. */
#define MAX_ARGC (1u << 24)

/* On x86-64, a function may use as many bytes under the stack pointer: System V ABI, 3.2.2. */
#define RED_ZONE 128

/* Words of a process that are read a page at a time: what follows may not be mapped. */
struct words {
	struct memory memory;
	uint64_t page;
	uint64_t values[65536 / sizeof(uint64_t)];
};

/* Those of PID, as they are now.  There is one such page at a time. */
static struct words *words_of(pid_t pid)
{
	static struct words w;

	w.memory = remote_memory(pid);
	w.page = 0;
	return &w;
}

static int word_at(struct words *w, uint64_t addr, uint64_t *ret)
{
	uint64_t page = addr & ~(page_size() - 1);

	if (page != w->page) {
		int r = w->memory.read(&w->memory, page, w->values, page_size());

		w->page = r < 0 ? 0 : page;
		if (r < 0)
			return r;
	}
	*ret = w->values[(addr - page) / sizeof(*ret)];
	return 0;
}

/* Where the vector is on a new stack with its first word at SP: or 0. */
static uint64_t find_vector(struct words *w, uint64_t sp)
{
	uint64_t word, addr = sp;

	/* argc, the arguments and a null, the environment and a null */
	if (word_at(w, addr, &word) < 0 || word > MAX_ARGC)
		return 0;
	addr += (word + 1) * sizeof(word);
	if (word_at(w, addr, &word) < 0 || word != 0)
		return 0;
	do {
		addr += sizeof(word);
		if (word_at(w, addr, &word) < 0)
			return 0;
	} while (word != 0);
	return addr + sizeof(word);
}

/* Where the value of AT_ENTRY is on such a stack: or 0. */
static uint64_t find_entry_value(struct words *w, uint64_t sp)
{
	uint64_t type, addr = find_vector(w, sp);

	for (; addr && word_at(w, addr, &type) == 0 && type != AT_NULL; addr += 2 * sizeof(type))
		if (type == AT_ENTRY)
			return addr + sizeof(type);
	return 0;
}

/* Replace FROM by TO in REGS, but for the program counter.  Returns how often. */
static int replace_in(remote_regs *regs, uint64_t from, uint64_t to)
{
	uint64_t pc = remote_regs_pc(regs), values[sizeof(*regs) / sizeof(uint64_t)];
	int found = 0;

	remote_regs_set_pc(regs, 0);
	memcpy(values, regs, sizeof(values));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i] == from) {
			values[i] = to;
			found++;
		}
	}
	memcpy(regs, values, sizeof(values));
	remote_regs_set_pc(regs, pc);
	return found;
}

/*
 * Replace the diverted address by TO in the registers, but not in the program counter: a
 * call may be at it that is the vdso's own.  Returns how often, or -errno.  If TO is that
 * address itself, nothing changes.
 */
static int replace_in_registers(const struct startup *s, uint64_t to)
{
	remote_regs regs;
	int found, r = remote_regs_get(s->tracee.pid, &regs);

	if (r < 0)
		return r;
	found = replace_in(&regs, s->vdso_call, to);
	r = found && to != s->vdso_call ? remote_regs_set(s->tracee.pid, &regs) : 0;
	return r < 0 ? r : found;
}

/*
 * Where the part of the stack in use ends, with BELOW bytes under the stack pointer; all of
 * it is, where the pointer is on another.  Beyond, reading would make the stack grow.
 */
static int find_stack_end(const struct startup *s, uint64_t below, uint64_t *ret)
{
	cleanup_survey struct survey survey = { .arena = ARENA_INIT };
	pid_t pid = s->tracee.pid;
	const struct vma *stack;
	remote_regs regs;
	uint64_t end;
	int r = survey_read(&survey, pid, pid, SURVEY_STARTING | SURVEY_ROWS);

	if (r == 0)
		r = remote_regs_get(pid, &regs);
	if (r < 0)
		return r;
	stack = maps_at(&survey.maps, s->entry_value);
	if (!stack)
		return -EFAULT;
	end = (remote_regs_sp(&regs) & ~(uint64_t)7) - below;
	*ret = end > s->entry_value || end < stack->start ? stack->start : end;
	return 0;
}

/*
 * Replace the diverted address by TO on the stack, from its lower end up to the auxiliary
 * vector.  Returns as replace_in_registers().
 */
static int replace_on_stack(const struct startup *s, uint64_t to, uint64_t below)
{
	pid_t pid = s->tracee.pid;
	struct words *w = words_of(pid);
	uint64_t addr = 0, word;
	int found = 0, r = find_stack_end(s, below, &addr);

	for (; r == 0 && addr <= s->entry_value; addr += sizeof(word)) {
		r = word_at(w, addr, &word);
		if (r < 0 || word != s->vdso_call)
			continue;
		found++;
		if (to != s->vdso_call)
			r = remote_memory_write(pid, addr, &to, sizeof(to));
	}
	return r < 0 ? r : found;
}

/* Has the loader a copy?  Returns how many were found first, or -errno. */
static int find_copies(const struct startup *s)
{
	int found = replace_in_registers(s, s->vdso_call);

	return found ? found : replace_on_stack(s, s->vdso_call, 0);
}

static int replace_copies(const struct startup *s)
{
	int r = replace_in_registers(s, s->entry);

	if (r >= 0)
		r = replace_on_stack(s, s->entry, RED_ZONE);
	return r < 0 ? r : 0;
}

uint64_t startup_find_vdso_call(pid_t pid, const struct regions *regions)
{
	struct memory m = remote_memory(pid);
	remote_regs regs;
	const struct remote_abi *abi = remote_regs_get(pid, &regs) < 0 ? NULL :
				       remote_abi_of(&regs);

	for (size_t i = 0; abi && abi->word == sizeof(uint64_t) && i < regions->count; i++) {
		const struct regions one = { .items = &regions->items[i], .count = 1 };
		struct gadgets gadgets = { 0 };

		if (one.items->class == CLASS_VDSO)
			gadgets_find(&gadgets, &m, &one, abi, false);
		if (gadgets.syscall)
			return gadgets.syscall;
	}
	return 0;
}

int startup_divert(struct startup *s)
{
	struct words *w = words_of(s->tracee.pid);
	remote_regs regs;
	uint64_t value;
	int r = remote_regs_get(s->tracee.pid, &regs);

	if (r < 0 || !s->vdso_call || s->borrows_memory)
		return r;
	s->entry_sp = remote_regs_sp(&regs);
	s->entry_value = find_entry_value(w, s->entry_sp);
	if (!s->entry_value || word_at(w, s->entry_value, &value) < 0 || value != s->entry)
		return 0;
	r = remote_memory_write(s->tracee.pid, s->entry_value, &s->vdso_call, sizeof(s->vdso_call));
	s->divert = r == 0 ? DIVERT_BEGUN : DIVERT_NONE;
	return r;
}

int startup_restore_vector(struct startup *s)
{
	int r = 0, copies;

	if (s->divert == DIVERT_BEGUN)
		r = remote_memory_write(s->tracee.pid, s->entry_value, &s->entry,
					sizeof(s->entry));
	if (r < 0)
		return r;
	copies = find_copies(s);
	if (copies < 0)
		return copies;
	s->divert = copies ? DIVERT_COPIED : DIVERT_LOST;
	return 0;
}

/*
 * The vdso's own calls are made with local variables at the stack pointer.  A program is
 * entered with what the kernel has put on its stack, or its loader has copied from there.
 */
bool startup_has_jumped(const struct startup *s, const struct __ptrace_syscall_info *entry)
{
	struct words *w;
	uint64_t addr, value;

	if (entry->instruction_pointer != s->vdso_call + REMOTE_INSN_SIZE)
		return false;
	if (entry->stack_pointer == s->entry_sp)
		return true;
	w = words_of(s->tracee.pid);
	addr = find_entry_value(w, entry->stack_pointer);
	return addr && word_at(w, addr, &value) == 0 &&
	       (value == s->entry || value == s->vdso_call);
}

/* From the call that it has jumped to. */
static int go_to_entry(const struct startup *s)
{
	remote_regs regs;
	int r = remote_regs_get(s->tracee.pid, &regs);

	if (r < 0)
		return r;
	remote_regs_set_pc(&regs, s->entry);
	return remote_regs_set(s->tracee.pid, &regs);
}

int startup_undivert(struct startup *s)
{
	int r = 0;

	if (s->divert == DIVERT_NONE)
		return 0;
	if (s->divert == DIVERT_TAKEN)
		r = go_to_entry(s);
	/* in a child of vfork(2) the copies are the parent's, which still needs them */
	if (r == 0 && !s->borrows_memory)
		r = replace_copies(s);
	if (r < 0)
		return r;
	s->divert = DIVERT_NONE;
	return 0;
}
