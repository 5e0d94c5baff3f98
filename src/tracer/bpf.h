/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_BPF_H
#define MSEALCTL_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Run the seccomp filter CODE on CALL; *RET is its SECCOMP_RET_* with the data.  It is
 * classic BPF as the kernel accepts it for seccomp (seccomp_check_filter(),
 * kernel/seccomp.c; bpf_check_classic(), net/core/filter.c): loads are aligned words of
 * CALL, and jumps go forward, so that it ends.
 *
 * Returns 0; -EINVAL if CODE, which may be hostile, is no such program or divides by 0.
 */
int bpf_run(const struct sock_filter *code, size_t len, const struct seccomp_data *call,
	    uint32_t *ret);

#endif
