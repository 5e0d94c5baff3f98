/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "sharers.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frozen.h"
#include "privileges.h"
#include "process.h"

bool sharers_compare(pid_t a, pid_t b)
{
	long r;

	privileges_raise(CAP_SYS_PTRACE);
	r = syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
	privileges_lower();
	return r == 0;
}

/* Kernel threads and zombies have no mm; kcmp(2) would call them all equal. */
static bool has_memory(pid_t pid)
{
	struct process p;

	return process_read_stat(pid, pid, &p) == 0 && !p.kernel_thread && p.state != 'Z' &&
	       p.state != 'X';
}

static int add_sharer(struct sharers *s, pid_t pid)
{
	struct sharer *grown = reallocarray(s->items, s->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	s->items = grown;
	s->items[s->count++] = (struct sharer){
		.pid = pid, .running = process_traces_us(pid) || process_blocks_seize(pid),
	};
	return 0;
}

/* Context of compare(): the process, and its thread that has the memory. */
struct comparing {
	struct sharers *sharers;
	pid_t pid, tid;
};

static bool is_known(const struct sharers *s, pid_t pid)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].pid == pid)
			return true;
	return false;
}

static int compare(void *context, pid_t other)
{
	const struct comparing *c = context;

	if (other == c->pid || !sharers_compare(c->tid, other) || is_known(c->sharers, other) ||
	    !has_memory(other))
		return 0;
	return add_sharer(c->sharers, other);
}

/*
 * Nothing cheaper tells which of them can be left out.  A number that was seen before may be
 * another process's by now, and the last number that was given out (ns_last_pid) says neither
 * that its process is in /proc already nor what clone3(2) with set_tid has started.
 */
int sharers_find(struct sharers *s, pid_t pid, pid_t tid)
{
	struct comparing comparing = { .sharers = s, .pid = pid, .tid = tid };
	size_t before = s->count;
	int r;

	privileges_begin();
	r = process_each(compare, &comparing);
	privileges_end();
	return r < 0 ? r : (int)(s->count - before);
}

void sharers_forget(struct sharers *s)
{
	s->count = 0;
}

void sharers_free(struct sharers *s)
{
	free(s->items);
	*s = (struct sharers){ 0 };
}
