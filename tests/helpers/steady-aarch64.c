/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The general, FPSIMD and SVE registers of aarch64, but the stack pointer. */
#include "steady.h"

#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#define VECTORS_MAX 16128

/* As steady-spin-aarch64.S loads and stores them. */
struct registers {
	uint64_t general[30];
	uint64_t nzcv, fpcr, fpsr;
	uint64_t unused[31];
	/* V0 to V31; or Z0 to Z31, P0 to P15, FFR */
	unsigned char vectors[VECTORS_MAX];
};

_Static_assert(offsetof(struct registers, vectors) == 512, "the assembler code says so");
_Static_assert(sizeof(struct registers) == sizeof(struct steady_state), "they fit");

/* LENGTH: of an SVE register, bytes; 0: there are none. */
void steady_spin_aarch64(const struct steady_state *in, struct steady_state *out,
			 uint64_t rounds, uint64_t length);
uint64_t steady_length_aarch64(void);

static uint64_t length;

static size_t vectors_size(void)
{
	return length ? 32 * length + 17 * (length / 8) : 32 * 16;
}

const char *steady_begin(void)
{
	/* HWCAP_SVE */
	if (getauxval(AT_HWCAP) >> 22 & 1)
		length = steady_length_aarch64();
	return vectors_size() > VECTORS_MAX ? "the vector registers are too large" : NULL;
}

void steady_fill(struct steady_state *state, uint64_t seed)
{
	struct registers *s = (struct registers *)state;
	unsigned char *ffr = s->vectors + 32 * length + 16 * (length / 8);

	for (size_t i = 0; i < sizeof(s->general); i++)
		state->bytes[i] = (unsigned char)(seed * 31 + i * 7 + 1);
	s->nzcv = (seed & 15) << 28;
	/* rounding mode, flush to zero; exceptions, saturation */
	s->fpcr = (seed & 7) << 22;
	s->fpsr = (seed & 0x1f) | (seed & 1) << 27;
	for (size_t i = 0; i < vectors_size(); i++)
		s->vectors[i] = (unsigned char)(seed * 5 + i);
	/* the first elements, and then none */
	for (size_t i = 0; i < length / 8; i++)
		ffr[i] = i <= seed % (length / 8) ? 0xff : 0;
}

const char *steady_compare(const struct steady_state *in, const struct steady_state *out)
{
	const struct registers *a = (const struct registers *)in;
	const struct registers *b = (const struct registers *)out;

	if (memcmp(a->general, b->general, sizeof(a->general)) != 0)
		return "a general register";
	if (a->nzcv != b->nzcv)
		return "a flag";
	if (a->fpcr != b->fpcr || a->fpsr != b->fpsr)
		return "fpcr or fpsr";
	return memcmp(a->vectors, b->vectors, vectors_size()) != 0 ? "a vector register" : NULL;
}

void steady_spin(const struct steady_state *in, struct steady_state *out, uint64_t rounds)
{
	steady_spin_aarch64(in, out, rounds, length);
}
