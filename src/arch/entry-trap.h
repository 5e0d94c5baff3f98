/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ENTRY_TRAP_H
#define MSEALCTL_ENTRY_TRAP_H

#include <stdint.h>

/*
 * A hardware breakpoint: the processor stops the program at an address, and its memory is
 * not changed.
 */

/* si_code of that SIGTRAP, TRAP_HWBKPT */
#define ENTRY_TRAP_CODE 4

/*
 * Stop TID with SIGTRAP before it executes the instruction at ADDR.  Returns 0 or -errno: not
 * every processor, nor every virtual machine, has such breakpoints.
 */
int entry_trap_set(int tid, uint64_t addr);

/* Take that back.  Returns 0 or -errno. */
int entry_trap_clear(int tid);

#endif
