/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The stop at the entry point where no debug register makes one.
 *
 * A loader finds the address that it has to jump to in the auxiliary vector on the stack,
 * AT_ENTRY.  Before its first instruction that is replaced by the address of a system call
 * instruction of the vdso.  So the jump becomes a call, and at the entry stop of the call
 * the program is sealed; it does not make that call, and goes on at its true entry point.
 *
 * A loader has copied the vector by the time that it makes relocated memory read-only, or
 * leaves its own code.  Then the true value is put back there: other code does not get to see
 * the one in between, if there is any RELRO.  A loader that has no copy of it by then does
 * not go by the vector, and its calls are followed instead.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "gadgets.h"
#include "page.h"
#include "remote-memory.h"
#include "startup-seal.h"

/* Words of a process that are read a page at a time: what follows may not be mapped. */
struct words {
	struct memory memory;
	uint64_t page;
	uint64_t values[65536 / sizeof(uint64_t)];
};

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

/* Where the value of AT_ENTRY is on a new stack with its first word at SP: or 0. */
static uint64_t find_entry_value(struct words *w, uint64_t sp)
{
	uint64_t word, addr = sp, type = 0;

	/* argc, the arguments and a null, the environment and a null, the vector */
	if (word_at(w, addr, &word) < 0)
		return 0;
	addr += (word + 2) * sizeof(word);
	do {
		if (word_at(w, addr, &word) < 0)
			return 0;
		addr += sizeof(word);
	} while (word != 0);
	while (word_at(w, addr, &type) == 0 && type != AT_ENTRY) {
		if (type == AT_NULL)
			return 0;
		addr += 2 * sizeof(word);
	}
	return type == AT_ENTRY ? addr + sizeof(word) : 0;
}

/* Replace FROM by TO in the registers.  Returns how often, or -errno. */
static int replace_in_registers(pid_t pid, uint64_t from, uint64_t to)
{
	uint64_t values[sizeof(remote_regs) / sizeof(uint64_t)];
	remote_regs regs;
	int found = 0, r = remote_regs_get(pid, &regs);

	if (r < 0)
		return r;
	memcpy(values, &regs, sizeof(values));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i] == from) {
			values[i] = to;
			found++;
		}
	}
	memcpy(&regs, values, sizeof(values));
	r = found && from != to ? remote_regs_set(pid, &regs) : 0;
	return r < 0 ? r : found;
}

/* The same, and on the stack of PID up to the vector of S. */
static int replace_copies(const struct startup *s, pid_t pid, uint64_t from, uint64_t to)
{
	static struct words w;
	remote_regs regs;
	int found, r = remote_regs_get(pid, &regs);

	if (r < 0)
		return r;
	found = replace_in_registers(pid, from, to);
	w.memory = remote_memory(pid);
	w.page = 0;
	for (uint64_t addr = remote_regs_sp(&regs) & ~(uint64_t)7; addr < s->entry_value;
	     addr += sizeof(addr)) {
		uint64_t word;

		r = word_at(&w, addr, &word);
		if (r < 0)
			return r;
		if (word != from)
			continue;
		found++;
		r = from == to ? 0 : remote_memory_write(pid, addr, &to, sizeof(to));
		if (r < 0)
			return r;
	}
	return found;
}

uint64_t startup_find_call(pid_t pid, const struct regions *regions)
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
	static struct words w;
	remote_regs regs;
	uint64_t value;
	int r = remote_regs_get(s->tracee.pid, &regs);

	if (r < 0 || !s->call)
		return r;
	w.memory = remote_memory(s->tracee.pid);
	w.page = 0;
	s->entry_sp = remote_regs_sp(&regs);
	s->entry_value = find_entry_value(&w, s->entry_sp);
	if (!s->entry_value || word_at(&w, s->entry_value, &value) < 0 || value != s->entry)
		return 0;
	r = remote_memory_write(s->tracee.pid, s->entry_value, &s->call, sizeof(s->call));
	s->divert = r == 0 ? DIVERT_BEGUN : DIVERT_NONE;
	return r;
}

int startup_end_vector(struct startup *s)
{
	pid_t pid = s->tracee.pid;
	int r = remote_memory_write(pid, s->entry_value, &s->entry, sizeof(s->entry));

	if (r == 0)
		r = replace_copies(s, pid, s->call, s->call);
	s->divert = r > 0 ? DIVERT_COPIED : DIVERT_NONE;
	return r < 0 ? r : 0;
}

bool startup_is_diverted(const struct startup *s, const struct __ptrace_syscall_info *entry)
{
	/* the vdso's own calls are made from deeper in the stack */
	return entry->stack_pointer == s->entry_sp &&
	       entry->instruction_pointer == s->call + REMOTE_INSN_SIZE;
}

int startup_leave_divert(struct startup *s)
{
	remote_regs regs;
	int r = remote_regs_get(s->tracee.pid, &regs);

	if (r < 0)
		return r;
	remote_regs_set_pc(&regs, s->entry);
	r = remote_regs_set(s->tracee.pid, &regs);
	if (r == 0 && s->divert == DIVERT_BEGUN)
		r = remote_memory_write(s->tracee.pid, s->entry_value, &s->entry,
					sizeof(s->entry));
	s->divert = DIVERT_NONE;
	return r;
}

int startup_undo_divert(const struct startup *s, pid_t child)
{
	int r;

	if (s->divert == DIVERT_NONE)
		return 0;
	r = replace_copies(s, child, s->call, s->entry);
	return r < 0 ? r : 0;
}
