/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "processor.h"

#include "worker.h"

void processor_follow(struct processors *ret, pid_t pid, int cpu)
{
	cpu_set_t one;

	*ret = (struct processors){ .pid = pid };
	if (cpu < 0 || cpu >= CPU_SETSIZE ||
	    sched_getaffinity(pid, sizeof(ret->set), &ret->set) != 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	ret->changed = sched_setaffinity(pid, sizeof(one), &one) == 0;
}

void processor_follow_worker(struct processors *ret, int cpu)
{
	*ret = (struct processors){ .changed = false };
	if (worker_pid() > 0)
		processor_follow(ret, worker_pid(), cpu);
}

void processor_return(const struct processors *before)
{
	if (before->changed)
		sched_setaffinity(before->pid, sizeof(before->set), &before->set);
}
