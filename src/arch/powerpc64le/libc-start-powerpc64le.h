/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LIBC_START_H
#define MSEALCTL_LIBC_START_H

/* See libc-start-common.h.  sysdeps/unix/sysv/linux/powerpc/libc-start.c of glibc. */
typedef int libc_main_fn(int argc, char **argv, char **envp, void *auxv);

/* as in libc-start-common.h, which this file replaces */
#define LIBC_RUNS_DT_INIT 1

struct startup_info {
	void *sda_base;
	libc_main_fn *main;
	void (*init)(void), (*fini)(void);
};

#define LIBC_START_PARAMETERS \
	int argc, char **argv, char **envp, void *auxv, void (*rtld_fini)(void), \
	struct startup_info *info, void *stack
#define LIBC_START_MAIN info->main
#define LIBC_START_ARGUMENTS(main) \
	argc, argv, envp, auxv, rtld_fini, \
	&(struct startup_info){ info->sda_base, main, info->init, info->fini }, stack

#endif
