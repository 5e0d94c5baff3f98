/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_BPF_H
#define MSEALCTL_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the seccomp filter CODE says of CALL, a SECCOMP_RET_* with its data.  Classic
 * BPF, as the kernel admits it for seccomp (seccomp_check_filter(), kernel/seccomp.c;
 * bpf_check_classic(), net/core/filter.c): loads are aligned words of CALL, and jumps
 * lead forward, so it ends.
 *
 * Returns 0; -EINVAL if CODE, which may be anything, is no such program, or divides
 * by 0.
 */
int bpf_run(const struct sock_filter *code, size_t len, const struct seccomp_data *call,
	    uint32_t *ret);

#endif
