/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_FORGED_H
#define MSEALCTL_TESTS_FORGED_H

#include <stdint.h>

/* Where the signal frame of an architecture has msealctl's mark, and the registers to restore */
extern const struct forged_layout { uint64_t mark, pc, sp; } forged_layout;

struct forged_flags {
	volatile int ended, began;
};

/*
 * With the stack pointer SP, the number of mseal(2) in the register of a call's number, and
 * MARK in the registers that msealctl marks: set BEGAN of FLAGS, and wait for ENDED.
 */
void forged_spin(void *sp, uint64_t mark, struct forged_flags *flags);

/* With the same stack pointer and marks: set BEGAN of FLAGS, and read a byte from FD. */
void forged_read(void *sp, uint64_t mark, struct forged_flags *flags, int fd, void *byte);

#endif
