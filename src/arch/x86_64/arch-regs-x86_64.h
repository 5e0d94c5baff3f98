/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ARCH_REGS_H
#define MSEALCTL_ARCH_REGS_H

/* The registers of a stopped thread, x86-64, and of a 32-bit program on it. */
#include <sys/user.h>

/* A 32-bit program's registers are in it under their 64-bit names, eax as rax. */
typedef struct user_regs_struct remote_regs;

/* cs of 64-bit and of 32-bit code: __USER_CS, __USER32_CS of arch/x86/include/asm/segment.h */
#define REMOTE_CS_64 0x33
#define REMOTE_CS_32 0x23

/* The length of both system call instructions, syscall and int $0x80, which begin anywhere. */
#define REMOTE_INSN_SIZE 2
#define REMOTE_INSN_ALIGN 1

/* The length of a pop and a return. */
#define REMOTE_LOAD_SIZE 2

/* What a leaf function may keep below its stack pointer: x86-64 psABI, 3.2.2. */
#define SIGNAL_FRAME_RED_ZONE 128

/* How much of a frame read_frame() of struct remote_abi reads. */
#define SIGNAL_FRAME_HEAD 440

/* The largest FPU state, an XSAVE area, and the largest frame with it. */
#define FPU_STATE_MAX 12288
#define SIGNAL_FRAME_MAX 16384

/* Result and first argument have registers of their own. */
#define REMOTE_HIDES_ARGUMENT 0

/* 32-bit programs are sealed as well. */
#define REMOTE_SEALS_32BIT 1

#endif
