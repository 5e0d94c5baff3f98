/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Which instructions of a process are borrowed: those of the vdso before all others. */
#include "gadgets.h"

#include "elf-maker.h"
#include "tap.h"

#define LIBRARY 0x10000u
#define LOADER 0x20000u
#define VDSO 0x7fff0000u
#define SIZE 4096

static const struct remote_abi *abi_64(void)
{
	const remote_regs regs = { .cs = 0x33 };

	return remote_abi_of(&regs);
}

/* The same at the start of each: a call with a return, then rt_sigreturn. */
static const unsigned char both[] = "\x0f\x05\xc3\xb8\x0f\0\0\0\x0f\x05";
/* A call with a return, and no more. */
static const unsigned char call_return[] = "\x0f\x05\x31\xd2\x5b\xc3";
/* The same, and what loads registers, one inside of another instruction. */
static const unsigned char loads[] = "\x0f\x05\xc3\xb8\x0f\0\0\0\x0f\x05\x41\x5f\xc3\x5e\xc3\x58\xc3";
/* A call that something else follows. */
static const unsigned char call[] = "\x0f\x05\x48\x3d\x01\xf0\xff\xff";

static void find(struct gadgets *ret, const unsigned char *vdso, size_t len)
{
	static const char *const names[] = { "/lib/libfirst.so", "/lib/ld-linux.so", "[vdso]" };
	static const uint64_t starts[] = { LIBRARY, LOADER, VDSO };
	struct fake_memory memory = { .count = 0 };
	struct region items[3];
	struct vma vmas[3];
	const struct regions regions = { .items = items, .count = 3 };
	struct gadgets again;

	for (size_t i = 0; i < 3; i++) {
		memcpy(fake_map(&memory, starts[i], SIZE), i == 2 ? vdso : both,
		       i == 2 ? len : sizeof(both));
		vmas[i] = (struct vma){ .start = starts[i], .end = starts[i] + SIZE,
					.perms = VMA_READ | VMA_EXEC, .name = names[i] };
		items[i] = (struct region){ .start = starts[i], .end = starts[i] + SIZE,
					    .class = i == 2 ? CLASS_VDSO : CLASS_TEXT,
					    .vma = &vmas[i] };
	}
	*ret = (struct gadgets){ 0 };
	gadgets_find(ret, &memory.memory, &regions, abi_64(), true);
	again = *ret;
	gadgets_find(&again, &memory.memory, &regions, abi_64(), true);
	ok(memcmp(&again, ret, sizeof(again)) == 0, "what was found is found again");
	/* of what was found, one is elsewhere by now, and one not executable any more */
	again.syscall_return = LOADER + 2000;
	vmas[2].perms = VMA_READ;
	gadgets_find(&again, &memory.memory, &regions, abi_64(), true);
	ok(again.syscall_return == LOADER && again.restorer == LOADER + 3,
	   "or other instructions, if it is not there");
	fake_free(&memory);
}

int main(void)
{
	struct gadgets g;

	find(&g, call_return, sizeof(call_return));
	is(g.syscall, VDSO, "a call of the vdso, though others lie below");
	is(g.syscall_return, VDSO, "with a return");
	is(g.pops, 1, "behind one pop");
	is(g.restorer, LOADER + 3, "the loader's rt_sigreturn, though a library lies below");
	find(&g, call, sizeof(call));
	is(g.syscall, VDSO, "a call of the vdso without a return");
	is(g.syscall_return, LOADER, "the loader's, with one");
	find(&g, both, sizeof(both));
	is(g.restorer, VDSO + 3, "all from the vdso, if it has all");
	ok(!gadgets_have_loads(&g), "what loads registers may be missing");
	find(&g, loads, sizeof(loads));
	ok(gadgets_have_loads(&g), "or be there:");
	is(g.loads[REMOTE_LOAD_ARG0], VDSO + 11, "the first argument");
	is(g.loads[REMOTE_LOAD_ARG1], VDSO + 13, "the second");
	is(g.loads[REMOTE_LOAD_NUMBER], VDSO + 15, "the number");
	find(&g, (const unsigned char *)"", 1);
	is(g.syscall, LOADER, "all from the loader, if the vdso has nothing");
	return tap_done();
}
