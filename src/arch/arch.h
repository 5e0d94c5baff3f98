/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_ARCH_H
#define MSEALCTL_ARCH_H

/*
 * What an architecture must provide
 * =================================
 *
 * A new architecture is a folder src/arch/ARCH and a line in configure.ac; no other file
 * of src/ changes.  The tests have lists of architectures, in tests/local.mk, tests/cross and
 * tests/vm.  configure compiles every .c file of the folder, and makes two headers in the build
 * folder, arch-regs.h and raw-call.h, links to arch-regs-ARCH.h and raw-call-ARCH.h there.
 * Without an arch-regs-ARCH.h, there is part 1 alone, and attach says so.
 * What several architectures have in common is a folder too (arch_common in configure.ac), such
 * as generic64 for those that number their calls as asm-generic/unistd.h does.
 *
 * 1. For show, list, check, probe, and exec by preloading
 * -------------------------------------------------------
 * raw-call-ARCH.h
 *	long raw_call(number, a, b, c, d, e, f), static inline: a system call without libc,
 *	which returns -errno.
 * libc-start-ARCH.h
 *	The parameters of glibc's __libc_start_main(), and whether its loader runs DT_INIT,
 *	where these differ from libc-start-common.h; included as libc-start.h.
 *
 * 2. For attach, and exec by tracing
 * ----------------------------------
 * arch-regs-ARCH.h
 *	remote_regs: what PTRACE_GETREGSET reads, and what else the functions of remote-regs.h
 *	need to know; and the sizes REMOTE_INSN_SIZE, REMOTE_INSN_ALIGN, REMOTE_LOAD_SIZE,
 *	REMOTE_HIDES_ARGUMENT (see remote_regs_lack_argument()), REMOTE_SEALS_32BIT (0 or 1),
 *	SIGNAL_FRAME_RED_ZONE, SIGNAL_FRAME_HEAD, SIGNAL_FRAME_MAX, FPU_STATE_MAX.
 *
 * and the functions of these headers, which say what they do, in files of any name:
 *
 * remote-regs.h	registers of a stopped thread, and the call that it is in
 * remote-abi.h		system calls by 64-bit and 32-bit programs: instructions, arguments
 * signal-frame.h	a frame from which rt_sigreturn(2) restores a thread, with all vector
 *			registers; and those that a call destroys
 * signal-stack.h	the frame of a handler on an alternate stack
 * call-table.h		what a stop does to which call
 * startup-calls.h	what libc calls before main(), and where that is
 * entry-trap.h		a hardware breakpoint, or -ENOTSUP: then exec/startup-entry.c does without
 *
 * Differences that are easy to miss:
 *
 * - Where the number of an interrupted call is.  x86-64 shows it, and the result that asks for
 *   a restart, at any stop.  aarch64 and riscv64 have rewound the thread before the stop, so
 *   that it looks like one about to make the call; remote_regs_in_syscall() looks at the
 *   instructions there.
 * - restart_syscall(2).  aarch64 and riscv64 put it in place of the call after the stop, if
 *   the program counter is still the same; see remote_regs_restarts_late().
 * - What ends such a call.  On riscv64 the kernel decides at the call's exit stop alone, which
 *   remote_regs_restarts_hidden() leads to, and restarts it with the first argument of
 *   the last call, remote_regs_need_argument().
 * - The first argument.  Where the result overwrites it, see remote_regs_lack_argument().
 * - The return from a call: by an address on the stack, or in a register
 *   (remote_regs_set_return()).
 * - Landing pads: prepare() of struct remote_abi must leave no state that makes the next
 *   instruction fault, such as BTYPE of aarch64.
 * - Vector registers.  A system call keeps those of x86-64, and may destroy SVE's and
 *   RISC-V's: vector_state_read().
 * - Chains (../tracer/chain.h) are shortest with code that loads registers from the stack and
 *   returns.  Where a program has none, loads of struct remote_abi is all 0, and signal frames
 *   load the registers.  In Debian's libc and loader of aarch64, no code that loads x8 from the
 *   stack goes on to a return.
 * - A breakpoint that does not let the thread pass when it goes on: entry_trap_clear() is
 *   called before that.
 * - 32-bit programs: if nothing can be sealed in them, remote_abi_of() returns NULL for their
 *   threads, and they are refused with that reason; exec does not even start them, if
 *   REMOTE_SEALS_32BIT is 0.
 */
#include "call-table.h"
#include "entry-trap.h"
#include "remote-abi.h"
#include "remote-regs.h"
#include "signal-frame.h"
#include "signal-stack.h"
#include "startup-calls.h"

#endif
