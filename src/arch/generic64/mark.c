/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* There are no chains, so nothing is ever marked. */
#include "remote-regs.h"

void remote_regs_set_mark(remote_regs *regs, uint64_t mark)
{
	(void)regs;
	(void)mark;
}

uint64_t remote_regs_mark(const remote_regs *regs)
{
	(void)regs;
	return 0;
}
