/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_REMOTE_MEMORY_H
#define MSEALCTL_REMOTE_MEMORY_H

#include "memory.h"

/*
 * The memory of another process, through its thread TID.  CAP_SYS_PTRACE is raised
 * only for each read: the code that parses the bytes, which may be hostile, runs
 * without it.  A worker makes the reads and writes, see worker.h, also for its errors.
 */
struct memory remote_memory(pid_t tid);

/* Write LEN bytes, at most 64 KiB, to ADDR, all or nothing.  Returns 0 or -errno. */
int remote_memory_write(pid_t tid, uint64_t addr, const void *buf, size_t len);

#endif
