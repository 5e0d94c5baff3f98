/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "bpf.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct machine {
	uint32_t a, x;
	uint32_t memory[BPF_MEMWORDS];
	const struct seccomp_data *call;
};

static bool load(struct machine *m, const struct sock_filter *f, uint32_t *to)
{
	switch (BPF_MODE(f->code)) {
	case BPF_IMM:
		*to = f->k;
		return true;
	case BPF_LEN:
		*to = sizeof(*m->call);
		return true;
	case BPF_MEM:
		if (f->k >= BPF_MEMWORDS)
			return false;
		*to = m->memory[f->k];
		return true;
	case BPF_ABS:
		if (BPF_CLASS(f->code) != BPF_LD || BPF_SIZE(f->code) != BPF_W || f->k % 4 != 0 ||
		    f->k > sizeof(*m->call) - sizeof(*to))
			return false;
		memcpy(to, (const unsigned char *)m->call + f->k, sizeof(*to));
		return true;
	default:
		return false;
	}
}

static bool store(struct machine *m, const struct sock_filter *f, uint32_t value)
{
	if (f->k >= BPF_MEMWORDS)
		return false;
	m->memory[f->k] = value;
	return true;
}

static bool calculate(struct machine *m, const struct sock_filter *f)
{
	uint32_t operand = BPF_SRC(f->code) == BPF_X ? m->x : f->k;

	switch (BPF_OP(f->code)) {
	case BPF_ADD: m->a += operand; return true;
	case BPF_SUB: m->a -= operand; return true;
	case BPF_MUL: m->a *= operand; return true;
	case BPF_OR:  m->a |= operand; return true;
	case BPF_AND: m->a &= operand; return true;
	case BPF_XOR: m->a ^= operand; return true;
	case BPF_NEG: m->a = -m->a; return true;
	case BPF_LSH: m->a <<= operand & 31; return true;
	case BPF_RSH: m->a >>= operand & 31; return true;
	case BPF_DIV:
		/* the kernel rejects a constant 0; a register that is 0 ends the program */
		if (operand == 0)
			return false;
		m->a /= operand;
		return true;
	default:
		return false;
	}
}

/* How many instructions to skip. */
static bool jump(const struct machine *m, const struct sock_filter *f, size_t *skip)
{
	uint32_t operand = BPF_SRC(f->code) == BPF_X ? m->x : f->k;
	bool yes;

	switch (BPF_OP(f->code)) {
	case BPF_JA:
		*skip = f->k;
		return true;
	case BPF_JEQ:
		yes = m->a == operand;
		break;
	case BPF_JGT:
		yes = m->a > operand;
		break;
	case BPF_JGE:
		yes = m->a >= operand;
		break;
	case BPF_JSET:
		yes = m->a & operand;
		break;
	default:
		return false;
	}
	*skip = yes ? f->jt : f->jf;
	return true;
}

int bpf_run(const struct sock_filter *code, size_t len, const struct seccomp_data *call,
	    uint32_t *ret)
{
	struct machine m = { .call = call };

	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *f = &code[pc];
		size_t skip = 0;
		bool good = false;

		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
			good = load(&m, f, &m.a);
			break;
		case BPF_LDX:
			good = load(&m, f, &m.x);
			break;
		case BPF_ST:
			good = store(&m, f, m.a);
			break;
		case BPF_STX:
			good = store(&m, f, m.x);
			break;
		case BPF_ALU:
			good = calculate(&m, f);
			break;
		case BPF_JMP:
			good = jump(&m, f, &skip);
			break;
		case BPF_RET:
			*ret = BPF_RVAL(f->code) == BPF_A ? m.a : f->k;
			return 0;
		case BPF_MISC:
			good = true;
			if (BPF_MISCOP(f->code) == BPF_TAX)
				m.x = m.a;
			else
				m.a = m.x;
			break;
		}
		if (!good || skip >= len - pc)
			return -EINVAL;
		pc += skip;
	}
	return -EINVAL;
}
