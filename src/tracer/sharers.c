/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "sharers.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "frozen.h"
#include "privileges.h"
#include "proc-file.h"
#include "process.h"
#include "worker.h"

/* How many processes the worker compares in a call. */
#define COMPARE_MAX 8192

/* How long comparing may take before it goes on with fewer, and how often that may happen. */
#define COMPARE_TIME (NS_PER_S / 16)
#define SLOW_MAX 4
/* If it has compared so many by then, they were not slow: others had the processors. */
#define COMPARED_ENOUGH 16

static bool have_same_memory(pid_t a, pid_t b)
{
	return syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0) == 0;
}

bool sharers_compare(pid_t a, pid_t b)
{
	bool same;

	privileges_raise(CAP_SYS_PTRACE);
	same = have_same_memory(a, b);
	privileges_lower();
	return same;
}

/* Kernel threads and zombies have no mm; kcmp(2) would call them all equal. */
static bool has_memory(pid_t pid)
{
	struct process p;

	return process_read_stat(pid, pid, &p) == 0 && !p.kernel_thread &&
	       !process_is_dead(&p);
}

static int add_sharer(struct sharers *s, struct sharer sharer)
{
	struct sharer *grown = reallocarray(s->items, s->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	s->items = grown;
	s->items[s->count++] = sharer;
	return 0;
}

static bool is_known(const struct sharers *s, pid_t pid)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].pid == pid)
			return true;
	return false;
}

static int add_same(struct sharers *s, pid_t pid)
{
	if (is_known(s, pid) || !has_memory(pid))
		return 0;
	return add_sharer(s, (struct sharer){
		.pid = pid, .running = process_traces_us(pid) || process_blocks_seize(pid),
	});
}

/* What the worker is called with: which of PIDS use the memory of thread TID? */
struct comparison {
	pid_t tid;
	size_t count, next;
	size_t same;
	pid_t pids[COMPARE_MAX];	/* the first SAME of those before NEXT do */
};

/* Context of gather(). */
struct search {
	struct sharers *sharers;
	pid_t pid;
	struct comparison comparison;
};

/*
 * A worker_fn.  If one takes too long, NEXT is the process that it could not compare; if all
 * do together, returns 1, and NEXT is where to go on.
 */
static int compare_all(void *args)
{
	struct comparison *c = args;
	uint64_t end = clock_now() + COMPARE_TIME;

	for (; c->next < c->count; c->next++) {
		pid_t pid = c->pids[c->next];
		bool same;

		if (clock_now() >= end)
			return 1;
		worker_begin_short_wait();
		same = have_same_memory(c->tid, pid);
		worker_end_wait();
		if (same)
			c->pids[c->same++] = pid;
	}
	return 0;
}

/* The size of its memory, the first number of statm, in *RET: to read that waits for nothing. */
static bool read_size(pid_t pid, unsigned long *ret)
{
	char text[128];

	if (process_read_file(pid, pid, "statm", text, sizeof(text)) < 0)
		return false;
	*ret = strtoul(text, NULL, 10);
	return true;
}

/* Processes whose memory differs in size do not share it, unless it is growing at this moment. */
static bool may_be_same(pid_t pid, pid_t other)
{
	unsigned long before, size, after;

	return read_size(pid, &before) && read_size(other, &size) && size > 0 &&
	       (size == before || (read_size(pid, &after) && after != before));
}

/*
 * kcmp(2) waits while one of the two executes a program, which may last for ever: proc-file.h.
 * By then that one mostly has other memory already.  There may be many such processes, so leave
 * out all that have memory of another size.  SLOW: processes have been seen that take long.
 */
static int leave_out_others(struct search *search, bool slow)
{
	struct comparison *c = &search->comparison;
	size_t count = c->next;

	if (slow && search->sharers->slow++ >= SLOW_MAX)
		return -ETIMEDOUT;
	for (size_t i = c->next; i < c->count; i++)
		if (may_be_same(search->pid, c->pids[i]))
			c->pids[count++] = c->pids[i];
	c->count = count;
	return 0;
}

/* The next process could not be compared. */
static int note_slow(struct search *search)
{
	struct comparison *c = &search->comparison;
	pid_t pid = c->pids[c->next++];
	int r = leave_out_others(search, true);

	if (r < 0)
		return r;
	if (!may_be_same(search->pid, pid) || is_known(search->sharers, pid))
		return 0;
	return add_sharer(search->sharers, (struct sharer){
		.pid = pid, .running = true, .unknown = true,
	});
}

static int compare_gathered(struct search *search)
{
	struct comparison *c = &search->comparison;
	int r = 0;

	while (r == 0 && c->next < c->count) {
		size_t size = offsetof(struct comparison, pids) + c->count * sizeof(c->pids[0]);
		size_t before = c->next;

		/* without a worker (RLIMIT_NPROC), compare here, and perhaps wait */
		r = worker_can_serve() ? worker_call(compare_all, c, size) : compare_all(c);
		if (r == 1)
			r = leave_out_others(search, c->next - before < COMPARED_ENOUGH);
		/* it may have come to the end at the last moment */
		else if (r == -ETIMEDOUT)
			r = c->next < c->count ? note_slow(search) : 0;
	}
	for (size_t i = 0; r == 0 && i < c->same; i++)
		r = add_same(search->sharers, c->pids[i]);
	c->count = c->next = c->same = 0;
	return r;
}

static int gather(void *context, pid_t other)
{
	struct search *search = context;
	struct comparison *c = &search->comparison;

	if (other == search->pid || is_known(search->sharers, other) ||
	    (search->sharers->slow > 0 && !may_be_same(search->pid, other)))
		return 0;
	c->pids[c->count++] = other;
	return c->count < COMPARE_MAX ? 0 : compare_gathered(search);
}

/*
 * Nothing cheaper tells which of them can be left out.  A number that was seen before may be
 * another process's by now, and the last number that was given out (ns_last_pid) says neither
 * that its process is in /proc already nor what clone3(2) with set_tid has started.
 */
int sharers_find(struct sharers *s, pid_t pid, pid_t tid)
{
	struct search search = { .sharers = s, .pid = pid, .comparison.tid = tid };
	size_t before = s->count;
	int r;

	privileges_begin();
	r = process_each(gather, &search);
	if (r == 0)
		r = compare_gathered(&search);
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
