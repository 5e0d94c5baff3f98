/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ARCH_REGS_H
#define MSEALCTL_ARCH_REGS_H

/*
 * In place of an architecture's own, if it has none: see part 2 of arch.h.  With this, what
 * names a thread's registers can be compiled, but there is no tracer that would look at them.
 */
typedef struct { char none; } remote_regs;

#define REMOTE_INSN_SIZE 1
#define REMOTE_INSN_ALIGN 1
#define REMOTE_LOAD_SIZE 1
#define SIGNAL_FRAME_RED_ZONE 0
#define SIGNAL_FRAME_HEAD 1
#define SIGNAL_FRAME_MAX 1
#define FPU_STATE_MAX 1
#define REMOTE_SEALS_32BIT 0

#endif
