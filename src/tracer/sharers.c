/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "sharers.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "frozen.h"
#include "privileges.h"
#include "process.h"

/*
 * As long as that no pid can have come up again: there are 32768 at least, and to start a
 * process takes microseconds.
 */
#define NEWEST_HOLDS (10 * NS_PER_MS)

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

/* Has no process been started since they were listed?  Where that is unknown, false. */
static bool none_is_new(struct sharers *s)
{
	uint64_t listed = s->listed;
	pid_t newest = s->newest;

	/* in this order, so that what is started meanwhile counts as new the next time */
	s->listed = clock_now();
	s->newest = pids_newest();
	return newest > 0 && s->newest == newest && clock_now() - listed < NEWEST_HOLDS;
}

int sharers_find(struct sharers *s, pid_t pid, pid_t tid)
{
	size_t before = s->count;
	struct pids pids;
	int r;

	if (none_is_new(s))
		return 0;
	r = pids_read(&pids);
	if (r < 0)
		return r;
	privileges_begin();
	for (size_t i = 0; r == 0 && i < pids.count; i++) {
		pid_t other = pids.items[i];

		if (other != pid && !pids_contain(&s->compared, other) &&
		    sharers_compare(tid, other) && has_memory(other))
			r = add_sharer(s, other);
	}
	privileges_end();
	pids_free(&s->compared);
	s->compared = pids;
	return r < 0 ? r : (int)(s->count - before);
}

void sharers_forget(struct sharers *s)
{
	s->count = 0;
}

void sharers_free(struct sharers *s)
{
	free(s->items);
	pids_free(&s->compared);
	*s = (struct sharers){ 0 };
}
