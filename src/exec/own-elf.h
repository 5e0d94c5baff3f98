/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_OWN_ELF_H
#define MSEALCTL_OWN_ELF_H

#include <elf.h>

/*
 * Our own ELF header, which the linker has a name for; the shim is of the same machine.  An
 * array of unknown size, for the program headers and more follow it.
 */
extern const Elf64_Ehdr __ehdr_start[] __attribute__((visibility("hidden")));
#define OWN_ELF __ehdr_start

#endif
