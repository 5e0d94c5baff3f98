/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CHOOSE_THREAD_H
#define MSEALCTL_CHOOSE_THREAD_H

#include "inject.h"

/*
 * Choose the thread of IN->tracee that is disturbed least by calls for addresses in REGIONS,
 * and set IN->thread and what is known of it.  Returns 0; -ENOTSUP if there is none that could
 * make them; or -ENOSYS if there is none but for Syscall User Dispatch (prctl(2)).
 */
int choose_thread(struct injector *in, const struct regions *regions);

/*
 * When the thread TID runs elsewhere, the kernel forgets that it was inside a restartable
 * sequence (rseq(2)), which would then finish on data that may no longer belong to this
 * processor.  So do to its registers what the kernel would have done: abort the sequence.
 */
void abort_critical_section(pid_t tid, remote_regs *regs);

#endif
