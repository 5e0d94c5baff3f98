/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The general, FPU and vector registers of riscv64, but those that functions need. */
#include "steady.h"

#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#define VECTORS_MAX 16128

/* vtype: bytes, in groups of eight registers; what is not written to may change */
#define VTYPE_E8_M8 0xc3

/* As steady-spin-riscv64.S loads and stores them. */
struct registers {
	uint64_t general[27];
	uint64_t fcsr;
	uint64_t fp[32];
	uint64_t vl, vtype, vcsr, unused;
	unsigned char vectors[VECTORS_MAX];
};

_Static_assert(offsetof(struct registers, vectors) == 512, "the assembler code says so");
_Static_assert(sizeof(struct registers) == sizeof(struct steady_state), "they fit");

/* VLENB: bytes of a vector register; 0: there are none. */
void steady_spin_riscv64(const struct steady_state *in, struct steady_state *out,
			 uint64_t rounds, uint64_t vlenb);

static uint64_t vlenb;

const char *steady_begin(void)
{
	/* bits for letters: Documentation/arch/riscv/uabi.rst */
	if (getauxval(AT_HWCAP) >> ('V' - 'A') & 1)
		__asm__("csrr %0, 0xc22" : "=r"(vlenb));	/* vlenb */
	return vlenb * 32 > VECTORS_MAX ? "the vector registers are too large" : NULL;
}

void steady_fill(struct steady_state *state, uint64_t seed)
{
	struct registers *s = (struct registers *)state;

	for (size_t i = 0; i < offsetof(struct registers, fcsr); i++)
		state->bytes[i] = (unsigned char)(seed * 31 + i * 7 + 1);
	/* rounding mode and exceptions */
	s->fcsr = (seed % 5) << 5 | (seed & 31);
	for (size_t i = 0; i < 32; i++)
		s->fp[i] = (seed + i) * 0x0101010101010101u;
	s->vl = vlenb ? vlenb * 8 - (seed & 7) : 0;
	s->vtype = VTYPE_E8_M8;
	s->vcsr = seed & 7;
	for (size_t i = 0; i < vlenb * 32; i++)
		s->vectors[i] = (unsigned char)(seed * 5 + i);
}

const char *steady_compare(const struct steady_state *in, const struct steady_state *out)
{
	const struct registers *a = (const struct registers *)in;
	const struct registers *b = (const struct registers *)out;

	if (memcmp(a->general, b->general, sizeof(a->general)) != 0)
		return "a general register";
	if (a->fcsr != b->fcsr || memcmp(a->fp, b->fp, sizeof(a->fp)) != 0)
		return "an FPU register";
	if (vlenb && (a->vl != b->vl || a->vtype != b->vtype || a->vcsr != b->vcsr))
		return "vl, vtype or vcsr";
	return memcmp(a->vectors, b->vectors, vlenb * 32) != 0 ? "a vector register" : NULL;
}

void steady_spin(const struct steady_state *in, struct steady_state *out, uint64_t rounds)
{
	steady_spin_riscv64(in, out, rounds, vlenb);
}
