/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "processor.h"

void processor_follow(struct processors *ret, int cpu)
{
	cpu_set_t one;

	ret->changed = false;
	if (cpu < 0 || cpu >= CPU_SETSIZE ||
	    sched_getaffinity(0, sizeof(ret->set), &ret->set) != 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	ret->changed = sched_setaffinity(0, sizeof(one), &one) == 0;
}

void processor_return(const struct processors *before)
{
	if (before->changed)
		sched_setaffinity(0, sizeof(before->set), &before->set);
}
