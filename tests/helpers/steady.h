/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_STEADY_H
#define MSEALCTL_TESTS_STEADY_H

#include <stdint.h>

/* more than the state of any processor: CPUID leaf 0xd */
#define XSAVE_MAX 16384
#define RED_ZONE 128

/* All that a program can see of a thread, as steady_spin() loads and stores it. */
struct steady_state {
	uint64_t rax, rbx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t flags;
	unsigned char red_zone[RED_ZONE];
	_Alignas(64) unsigned char xsave[XSAVE_MAX];
};

/*
 * With all registers and the red zone loaded from IN: count down from ROUNDS, which
 * changes nothing but rcx; then store what they are now in OUT.  MASK: the parts of
 * the extended state, as for XSAVE.  steady-spin.S
 */
void steady_spin(const struct steady_state *in, struct steady_state *out, uint64_t rounds,
		 uint64_t mask);

#endif
