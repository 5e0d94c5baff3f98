/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The calls that wait for a time, of all in kernel/ and fs/ that have the generic numbers. */
#include "generic-calls.h"

#include <sys/syscall.h>

bool generic_call_is_timed(long number)
{
	return number == __NR_futex || number == __NR_nanosleep || number == __NR_clock_nanosleep;
}

bool generic_call_may_have_restart_block(long number)
{
	return generic_call_is_timed(number) || number == __NR_restart_syscall;
}
