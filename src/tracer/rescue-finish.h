/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_RESCUE_FINISH_H
#define MSEALCTL_RESCUE_FINISH_H

#include <stdbool.h>
#include <sys/types.h>

#include "remote-regs.h"

/*
 * Complete what an earlier msealctl left half done, if it was killed and thread TID has
 * not run since because its process is stopped or frozen: do what the rescue frame would
 * have done.  REGS are the thread's registers at any stop other than syscall-entry and
 * syscall-exit.  Returns whether the thread is on its way to such a frame.
 */
bool rescue_finish(pid_t tid, const remote_regs *regs);

#endif
