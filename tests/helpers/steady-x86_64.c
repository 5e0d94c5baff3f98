/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The registers of x86-64, the red zone, x87, SSE and what else is in an XSAVE area. */
#include "steady.h"

#include <cpuid.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#define RED_ZONE 128

/* carry, parity, adjust, zero, sign, direction, overflow */
#define FLAGS_SEEN 0xcd5u

/* Parts of the extended state, by bit: what is left out is not a program's own. */
#define XSAVE_X87_SSE 3ull
#define XSAVE_PARTS (XSAVE_X87_SSE | 1ull << 2 | 7ull << 5)	/* AVX, AVX-512 */
#define XSTATE_BV 512
#define XSAVE_MAX 16384

/* As steady-spin-x86_64.S loads and stores them. */
struct registers {
	uint64_t rax, rbx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t flags;
	unsigned char red_zone[RED_ZONE];
	_Alignas(64) unsigned char xsave[XSAVE_MAX];
};

_Static_assert(sizeof(struct registers) == sizeof(struct steady_state), "they fit");

/* MASK: the parts of the extended state, as for XSAVE. */
void steady_spin_x86_64(const struct steady_state *in, struct steady_state *out,
			uint64_t rounds, uint64_t mask);

static uint64_t mask;
static unsigned part_sizes[64], part_offsets[64];

const char *steady_begin(void)
{
	unsigned a, b, c, d, low, high;

	__cpuid(1, a, b, c, d);
	if (!(c & bit_OSXSAVE))
		return "no XSAVE";
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	mask = ((uint64_t)high << 32 | low) & XSAVE_PARTS;
	__cpuid_count(0xd, 0, a, b, c, d);
	if (b > XSAVE_MAX)
		return "the extended state is too large";
	for (unsigned part = 2; part < 63; part++)
		if (mask >> part & 1)
			__cpuid_count(0xd, part, part_sizes[part], part_offsets[part], c, d);
	return NULL;
}

void steady_fill(struct steady_state *state, uint64_t seed)
{
	struct registers *s = (struct registers *)state;
	static const uint16_t control = 0x77f;		/* round down, all masked */
	static const uint32_t mxcsr = 0x5f80;		/* round up, all masked */
	unsigned char *bytes = (unsigned char *)s;

	for (size_t i = 0; i < offsetof(struct registers, xsave); i++)
		bytes[i] = (unsigned char)(seed * 31 + i * 7 + 1);
	s->flags = (seed & 1 ? FLAGS_SEEN : 0) | 0x202;
	memset(s->xsave, 0, sizeof(s->xsave));
	memcpy(s->xsave, &control, sizeof(control));
	memcpy(s->xsave + 24, &mxcsr, sizeof(mxcsr));
	s->xsave[4] = 0xff;				/* no x87 register is empty */
	for (size_t reg = 0; reg < 8; reg++)
		for (size_t i = 0; i < 10; i++)
			s->xsave[32 + reg * 16 + i] = (unsigned char)(seed + reg * 16 + i + 1);
	for (size_t i = 160; i < 416; i++)
		s->xsave[i] = (unsigned char)(seed * 3 + i);
	for (unsigned part = 2; part < 63; part++)
		for (size_t i = 0; i < part_sizes[part]; i++)
			s->xsave[part_offsets[part] + i] = (unsigned char)(seed * 5 + part + i);
	memcpy(s->xsave + XSTATE_BV, &mask, sizeof(mask));
}

static bool differ(const void *a, const void *b, size_t len)
{
	const unsigned char *x = a, *y = b;

	for (size_t i = 0; i < len; i++)
		if (x[i] != y[i])
			return true;
	return false;
}

static const char *compare_extended(const struct registers *a, const struct registers *b)
{
	if (differ(a->xsave, b->xsave, 2) || a->xsave[4] != b->xsave[4])
		return "x87 control";
	if (differ(a->xsave + 24, b->xsave + 24, 4))
		return "mxcsr";
	for (size_t reg = 0; reg < 8; reg++)
		if (differ(a->xsave + 32 + reg * 16, b->xsave + 32 + reg * 16, 10))
			return "an x87 register";
	if (differ(a->xsave + 160, b->xsave + 160, 256))
		return "an SSE register";
	for (unsigned part = 2; part < 63; part++)
		if (differ(a->xsave + part_offsets[part], b->xsave + part_offsets[part],
			   part_sizes[part]))
			return "an AVX register";
	return NULL;
}

const char *steady_compare(const struct steady_state *in, const struct steady_state *out)
{
	const struct registers *a = (const struct registers *)in;
	const struct registers *b = (const struct registers *)out;

	if (differ(a, b, offsetof(struct registers, flags)))
		return "a general register";
	if ((a->flags ^ b->flags) & FLAGS_SEEN)
		return "a flag";
	if (differ(a->red_zone, b->red_zone, RED_ZONE))
		return "the red zone";
	return compare_extended(a, b);
}

void steady_spin(const struct steady_state *in, struct steady_state *out, uint64_t rounds)
{
	steady_spin_x86_64(in, out, rounds, mask);
}

#define RANGES_MAX 64

void steady_drop_libraries(void)
{
	unsigned long start[RANGES_MAX], end[RANGES_MAX], count = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4352];

	while (maps && count < RANGES_MAX && fgets(line, sizeof(line), maps))
		if (strstr(line, "r-xp") && strstr(line, ".so") &&
		    sscanf(line, "%lx-%lx", &start[count], &end[count]) == 2)
			count++;
	for (unsigned long i = 0; i < count; i++) {
		long result = SYS_munmap;

		__asm__ volatile("syscall" : "+a"(result) : "D"(start[i]), "S"(end[i] - start[i])
				 : "rcx", "r11", "memory");
	}
}
