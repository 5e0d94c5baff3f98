/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SETTINGS_H
#define MSEALCTL_SETTINGS_H

/*
 * What "msealctl exec" tells the shim, one environment variable each.  They are
 * private to the two: the shim takes them out of the program's environment.
 */
#define SETTING_SHIM    "MSEALCTL_SHIM_PATH"	/* the shim's entry in LD_PRELOAD */
#define SETTING_SEAL    "MSEALCTL_SHIM_SEAL"	/* LIST */
#define SETTING_EXCLUDE "MSEALCTL_SHIM_EXCLUDE"	/* LIST */
#define SETTING_TYPES   "MSEALCTL_SHIM_TYPES"	/* enum seal_type bits, one hexadecimal digit */
#define SETTING_FLAGS   "MSEALCTL_SHIM_FLAGS"	/* the letters below */
/*
 * One decimal digit: how many further execs are still on the way to the program
 * (a script that begins with "#!/usr/bin/env" has one).  Each shim counts it down
 * and leaves everything in place until it is 0.
 */
#define SETTING_HOPS    "MSEALCTL_SHIM_HOPS"

/* With --follow-dlopen: our entries in LD_AUDIT and GLIBC_TUNABLES, */
#define SETTING_AUDIT   "MSEALCTL_SHIM_AUDIT"
#define SETTING_TUNABLE "MSEALCTL_SHIM_TUNABLE"
/* and the address, in hexadecimal, at which the two find each other: see shim/audit.h */
#define SETTING_COURIER "MSEALCTL_SHIM_COURIER"
#define SETTING_COURIER_UNKNOWN "0000000000000000"

#define FLAG_BEST_EFFORT 'b'
#define FLAG_INHERIT     'i'
#define FLAG_QUIET       'q'
#define FLAG_VERBOSE     'v'
/* --seal was not given: its default need not match everything */
#define FLAG_DEFAULTED   'd'
#define FLAG_FOLLOW      'f'

#endif
