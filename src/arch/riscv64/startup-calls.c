/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch-regs-riscv64.h"

#include "startup-calls.h"

#include "generic-calls.h"

const struct startup_calls *startup_calls_of(const remote_regs *regs)
{
	(void)regs;
	return &generic_startup_calls;
}

/* The first argument is the kernel's by then; mseal(2) of nothing takes any. */
void startup_call_replace(remote_regs *regs, long number)
{
	regs->x.a7 = (unsigned long)number;
	regs->x.a1 = regs->x.a2 = regs->x.a3 = 0;
}

void startup_call_rewind(remote_regs *regs)
{
	remote_regs_rewind(regs, remote_regs_syscall(regs));
}

/* Nothing could stop the program there. */
uint64_t startup_main(const struct memory *m, uint64_t entry)
{
	(void)m;
	(void)entry;
	return 0;
}
