/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REENTER_H
#define MSEALCTL_REENTER_H

#include "remote-regs.h"
#include "tracee.h"

/*
 * Where the kernel rewinds an interrupted call before the stop, only the call's exit stop
 * shows why it is restarted; and from there alone does the kernel restart it, or end it with
 * EINTR if a signal handler is to run.  So lead THREAD there, which has REGS at another stop:
 * it makes its call again, and is interrupted at once.
 *
 * REGS are those of the stop where it is then, with the first argument.  They are not changed
 * if this need not be done, or if the call could be cut short, or ends with EINTR instead.
 * A signal that comes first is delivered.  Returns 0, or -errno as tracee_resume().
 */
int reenter_call(struct tracee *tracee, struct tracee_thread *thread, remote_regs *regs);

#endif
