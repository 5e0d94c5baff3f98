/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The two ABIs for system calls: what instructions mean, and what calls do. */
#include "remote-abi.h"

#include <errno.h>
#include <sys/syscall.h>

#include "call-table.h"
#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct remote_abi *abi_with_cs(unsigned long cs)
{
	const remote_regs regs = { .cs = cs };

	return remote_abi_of(&regs);
}

static void test_kinds(void)
{
	is_str(abi_with_cs(0x33)->name, "64-bit", "64-bit code");
	is_str(abi_with_cs(0x23)->name, "32-bit", "32-bit code");
	ok(!abi_with_cs(0x0f), "a segment of the local table is neither");
	ok(!abi_with_cs(0), "nor is none");
}

static void test_returns(void)
{
	static const struct {
		const char *title;
		unsigned long cs;
		const char *code;
		size_t len, pops;
		bool returns;
	} cases[] = {
		{ "ret", 0x33, "\xc3", 1, 0, true },
		{ "pop %rbp, ret", 0x33, "\x5d\xc3", 2, 1, true },
		{ "pop %r13, pop %r14, ret", 0x33, "\x41\x5d\x41\x5e\xc3", 5, 2, true },
		{ "pop of three, ret, as in the vdso", 0x23, "\x5d\x5a\x59\xc3", 4, 3, true },
		{ "inc %ecx, which is a prefix in the other", 0x23, "\x41\x5c\xc3", 3, 0, false },
		{ "pop %rsp, ret", 0x33, "\x5c\xc3", 2, 0, false },
		{ "pop %esp, ret", 0x23, "\x5c\xc3", 2, 0, false },
		{ "a prefix of nothing", 0x33, "\x41\xc3", 2, 0, false },
		{ "a prefix at the end", 0x33, "\x41", 1, 0, false },
		{ "pops and no ret", 0x33, "\x58\x59", 2, 0, false },
		{ "pop %r12, ret", 0x33, "\x41\x5c\xc3", 3, 1, true },
		{ "xor of six, ret, as in the vdso", 0x33,
		  "\x31\xd2\x31\xc9\x31\xf6\x31\xff\x45\x31\xc0\x45\x31\xdb\xc3", 15, 0, true },
		{ "add of 48, pop, xor, ret", 0x33, "\x48\x83\xc4\x30\x5b\x31\xd2\xc3", 8, 7, true },
		{ "add of 12, pop, ret", 0x23, "\x83\xc4\x0c\x5b\xc3", 5, 4, true },
		{ "add of 12 bytes in words of 8", 0x33, "\x48\x83\xc4\x0c\xc3", 5, 0, false },
		{ "add of too much", 0x33, "\x48\x83\xc4\x78\x48\x83\xc4\x10\xc3", 9, 0, false },
		{ "add of -16", 0x33, "\x48\x83\xc4\xf0\xc3", 5, 0, false },
		{ "xor %esp, %esp", 0x33, "\x31\xe4\xc3", 3, 0, false },
		{ "xor %r11d, %r11d, ret", 0x33, "\x45\x31\xdb\xc3", 4, 0, true },
		{ "xor %r12d, %r12d, ret", 0x33, "\x45\x31\xe4\xc3", 4, 0, false },
		{ "xor %ebx, %ebx, ret", 0x33, "\x31\xdb\xc3", 3, 0, false },
		{ "xor of two registers", 0x33, "\x31\xca\xc3", 3, 0, false },
		{ "xor of memory", 0x33, "\x31\x12\xc3", 3, 0, false },
		{ "cmp", 0x33, "\x48\x3d\x01\xf0\xff\xff", 6, 0, false },
		{ "nothing", 0x33, "", 0, 0, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t pops = 0;

		is(remote_abi_returns(abi_with_cs(cases[i].cs),
				      (const unsigned char *)cases[i].code, cases[i].len, &pops),
		   cases[i].returns, "%s", cases[i].title);
		if (cases[i].returns)
			is(pops, cases[i].pops, "%s: pops", cases[i].title);
	}
}

static void test_numbers(void)
{
	static const struct {
		const char *title;
		unsigned long cs;
		const char *code;
		size_t before, len;
		long number;
	} cases[] = {
		{ "mov $15, %rax", 0x33, "\x48\xc7\xc0\x0f\0\0\0", 7, 7, 15 },
		{ "mov $230, %eax", 0x33, "\xb8\xe6\0\0\0", 5, 5, 230 },
		{ "mov $173, %eax", 0x23, "\xb8\xad\0\0\0", 5, 5, 173 },
		{ "something else", 0x33, "\x90\x90\x90\x90\x90\x90\x90", 7, 0, 0 },
		{ "too short", 0x33, "\xe6\0\0\0", 4, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const unsigned char *code = (const unsigned char *)cases[i].code;
		long number = 0;
		size_t len = remote_abi_number_before(abi_with_cs(cases[i].cs),
						      code + cases[i].before, cases[i].before,
						      &number);

		is(len, cases[i].len, "%s: length", cases[i].title);
		if (len > 0)
			is(number, cases[i].number, "%s: number", cases[i].title);
	}
}

static void test_traits(void)
{
	static const struct {
		const char *title;
		unsigned long cs;
		long number;
		unsigned traits;
	} cases[] = {
		{ "epoll_wait is made again", 0x33, __NR_epoll_wait, 0 },
		{ "open", 0x33, __NR_openat, 0 },
		{ "the newest call", 0x33, 469, 0 },
		{ "close is not made again", 0x33, __NR_close, CALL_ONCE | CALL_PARTIAL },
		{ "close of 32-bit programs", 0x23, 6, CALL_ONCE | CALL_PARTIAL },
		{ "its number of 64-bit ones", 0x23, __NR_close, 0 },
		{ "restart_syscall of 32-bit programs", 0x23, 0, CALL_ONCE },
		{ "no call", 0x33, -1, CALL_ONCE },
		{ "a call that is not known", 0x33, 470, CALL_ONCE },
		{ "a call of x32", 0x33, 0x40000000 + __NR_read, CALL_ONCE },
		{ "write", 0x33, __NR_write, CALL_PARTIAL },
		{ "recvfrom", 0x33, __NR_recvfrom, CALL_WAITALL },
		{ "vfork", 0x33, __NR_vfork, CALL_VFORK },
		{ "vfork of 32-bit programs", 0x23, 190, CALL_VFORK },
		{ "write of 32-bit programs", 0x23, 4, CALL_PARTIAL },
		{ "stat, which has the same number", 0x33, 4, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		is(call_traits(abi_with_cs(cases[i].cs), cases[i].number),
		   cases[i].traits, "%s", cases[i].title);
}

/* No argument takes the place of a mark. */
static void test_marks(void)
{
	static const unsigned long segments[] = { 0x33, 0x23 };
	static const unsigned long arguments[4] = { 1, 2, 3, 4 };

	for (size_t i = 0; i < COUNT(segments); i++) {
		const struct remote_abi *abi = abi_with_cs(segments[i]);
		remote_regs regs = { .cs = segments[i], .rdi = 5 };
		__u64 made[6];

		is(remote_regs_mark(&regs), 0, "%s: no mark", abi->name);
		abi->prepare(&regs, 0x5000, 462, arguments);
		remote_regs_set_mark(&regs, 0x7000);
		is(remote_regs_mark(&regs), 0x7000, "%s: a mark", abi->name);
		remote_abi_arguments(abi, &regs, made);
		for (size_t a = 0; a < COUNT(arguments); a++)
			is(made[a], arguments[a], "%s: and argument %zu", abi->name, a);
	}
}

int main(void)
{
	test_kinds();
	test_marks();
	test_returns();
	test_numbers();
	test_traits();
	return tap_done();
}
