/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* What a seccomp filter says of a call, and programs that are none. */
#include "bpf.h"

#include <errno.h>
#include <linux/audit.h>

#include "tap.h"

#define UNTOUCHED 0x5ea1
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FIELD(name) offsetof(struct seccomp_data, name)
#define IS_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

static const struct seccomp_data call = {
	.nr = 219,
	.arch = AUDIT_ARCH_X86_64,
	.instruction_pointer = 0x7f0000001000,
	.args = { 0x1122334455667788, 2, 3, 4, 5, 6 },
};

/* One instruction or two that leave something in the accumulator, and what. */
static void test_values(void)
{
	static const struct {
		const char *title;
		struct sock_filter code[3];
		uint32_t value;
	} cases[] = {
		{ "number of the call", { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr)) }, 219 },
		{ "low half of an argument",
		  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(args[0]) + 4 * IS_BIG) },
		  0x55667788 },
		{ "high half of an argument",
		  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(args[0]) + 4 * !IS_BIG) },
		  0x11223344 },
		{ "length", { BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0) }, 64 },
		{ "constant", { BPF_STMT(BPF_LD | BPF_IMM, 7) }, 7 },
		{ "memory is zero", { BPF_STMT(BPF_LD | BPF_MEM, 15) }, 0 },
		{ "stx and ld", { BPF_STMT(BPF_LDX | BPF_IMM, 7), BPF_STMT(BPF_STX, 3),
				  BPF_STMT(BPF_LD | BPF_MEM, 3) }, 7 },
		{ "tax", { BPF_STMT(BPF_LD | BPF_IMM, 5), BPF_STMT(BPF_MISC | BPF_TAX, 0),
			   BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0) }, 10 },
		{ "txa", { BPF_STMT(BPF_LDX | BPF_IMM, 5), BPF_STMT(BPF_MISC | BPF_TXA, 0) }, 5 },
		{ "sub", { BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1) }, UINT32_MAX },
		{ "neg", { BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_ALU | BPF_NEG, 0) },
		  UINT32_MAX },
		{ "mul", { BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 7) },
		  42 },
		{ "div", { BPF_STMT(BPF_LD | BPF_IMM, 43), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 7) },
		  6 },
		{ "and", { BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 3) },
		  2 },
		{ "or", { BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 3) },
		  7 },
		{ "xor", { BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 3) },
		  5 },
		{ "lsh", { BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 3) },
		  48 },
		{ "rsh", { BPF_STMT(BPF_LD | BPF_IMM, 6), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1) },
		  3 },
		{ "jeq taken", { BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
				 BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_LD | BPF_IMM, 2) }, 2 },
		{ "jgt not taken", { BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 0, 1, 0),
				     BPF_STMT(BPF_RET | BPF_K, 1) }, 1 },
		{ "jge taken", { BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0),
				 BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_LD | BPF_IMM, 2) }, 2 },
		{ "jset not taken", { BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 1, 0),
				      BPF_STMT(BPF_RET | BPF_K, 1) }, 1 },
		{ "ja", { BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_RET | BPF_K, 1),
			  BPF_STMT(BPF_LD | BPF_IMM, 2) }, 2 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sock_filter code[] = {
			cases[i].code[0], cases[i].code[1], cases[i].code[2],
			BPF_STMT(BPF_RET | BPF_A, 0),
		};
		uint32_t value = UNTOUCHED;

		/* an instruction that is not given is "ld #0", which would lose the value */
		for (size_t j = 1; j < 3; j++)
			if (code[j].code == 0 && code[j].k == 0)
				code[j] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
		is(bpf_run(code, COUNT(code), &call, &value), 0, "%s: is a program", cases[i].title);
		is(value, cases[i].value, "%s: value", cases[i].title);
	}
}

static void test_no_programs(void)
{
	static const struct {
		const char *title;
		struct sock_filter code[2];
		size_t len;
	} cases[] = {
		{ "no instruction", { { 0 } }, 0 },
		{ "no return", { BPF_STMT(BPF_LD | BPF_IMM, 1) }, 1 },
		{ "a jump behind the end", { BPF_STMT(BPF_JMP | BPF_JA, 1),
					     BPF_STMT(BPF_RET | BPF_K, 0) }, 2 },
		{ "a jump far behind the end", { BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX),
						 BPF_STMT(BPF_RET | BPF_K, 0) }, 2 },
		{ "a load behind the data", { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64) }, 1 },
		{ "a load over the end of the data",
		  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 62) }, 1 },
		{ "a load that is not aligned", { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2) }, 1 },
		{ "a load of a byte", { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0) }, 1 },
		{ "a load by an index", { BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0) }, 1 },
		{ "memory that is not there", { BPF_STMT(BPF_LD | BPF_MEM, 16) }, 1 },
		{ "a store to memory that is not there", { BPF_STMT(BPF_ST, 16) }, 1 },
		{ "a division by 0", { BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
				       BPF_STMT(BPF_RET | BPF_K, 0) }, 2 },
		{ "a remainder, which seccomp does not have",
		  { BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), BPF_STMT(BPF_RET | BPF_K, 0) }, 2 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t value = UNTOUCHED;

		is(bpf_run(cases[i].code, cases[i].len, &call, &value), -EINVAL, "%s: error",
		   cases[i].title);
		is(value, UNTOUCHED, "%s: no value", cases[i].title);
	}
}

int main(void)
{
	test_values();
	test_no_programs();
	return tap_done();
}
