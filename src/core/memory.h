/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MEMORY_H
#define MSEALCTL_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Where an image's bytes come from: a process, or a buffer in the tests.
 * read() copies LEN bytes at ADDR into BUF and returns 0, or -errno with BUF
 * undefined.
 */
struct memory {
	int (*read)(const struct memory *m, uint64_t addr, void *buf, size_t len);
	pid_t pid;		/* unused for a buffer */
};

/*
 * The memory of process (or thread) PID.  Through process_vm_readv(2), which
 * asks for PTRACE_MODE_ATTACH (oneself is always allowed) and never faults in
 * the reader, whatever the other side unmaps or truncates meanwhile.
 */
struct memory memory_of(pid_t pid);

/*
 * Copy the string at ADDR into BUF, cut to SIZE bytes with its NUL.  Returns 0, or the
 * error of the read.
 */
int memory_read_string(const struct memory *m, uint64_t addr, char *buf, size_t size);

#endif
