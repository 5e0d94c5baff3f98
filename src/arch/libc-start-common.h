/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LIBC_START_H
#define MSEALCTL_LIBC_START_H

/* main(), with all that __libc_start_main() passes to it. */
typedef int libc_main_fn(int argc, char **argv, char **envp, void *auxv);

/* Does glibc's loader run what DT_INIT names?  ELF_INITFINI, elf-initfini.h of glibc. */
#ifndef LIBC_RUNS_DT_INIT
#define LIBC_RUNS_DT_INIT 1
#endif

/* The parameters of __libc_start_main(), csu/libc-start.c of glibc. */
#define LIBC_START_PARAMETERS \
	libc_main_fn *main, int argc, char **argv, void (*init)(void), void (*fini)(void), \
	void (*rtld_fini)(void), void *stack
/* The one of these that is main(). */
#define LIBC_START_MAIN main
/* All of them as the arguments of a call, with another MAIN. */
#define LIBC_START_ARGUMENTS(main) main, argc, argv, init, fini, rtld_fini, stack

#endif
