/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "sharers.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "number.h"
#include "privileges.h"
#include "process.h"

/* A growing list of processes. */
struct pids {
	pid_t *items;
	size_t count, capacity;
};

static int append(struct pids *pids, pid_t pid)
{
	if (pids->count == pids->capacity) {
		size_t capacity = pids->capacity > 0 ? 2 * pids->capacity : 256;
		pid_t *grown = reallocarray(pids->items, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		pids->items = grown;
		pids->capacity = capacity;
	}
	pids->items[pids->count++] = pid;
	return 0;
}

static int compare(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* All processes, ascending. */
static int list_processes(struct pids *ret)
{
	struct pids pids = { 0 };
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	int r = dir ? 0 : -errno;

	while (r == 0 && (entry = readdir(dir))) {
		uint64_t pid;

		if (number_parse(entry->d_name, 10, INT_MAX, &pid) == 0)
			r = append(&pids, (pid_t)pid);
	}
	if (dir)
		closedir(dir);
	if (r < 0) {
		free(pids.items);
		return r;
	}
	/* they come in that order, but no one promises it */
	qsort(pids.items, pids.count, sizeof(*pids.items), compare);
	*ret = pids;
	return 0;
}

static bool was_looked_at(const struct sharers *s, pid_t pid)
{
	return s->looked_at && bsearch(&pid, s->looked_at, s->looked_at_count, sizeof(pid), compare);
}

static bool same_memory(pid_t a, pid_t b)
{
	long r;

	privileges_raise(CAP_SYS_PTRACE);
	r = syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
	privileges_lower();
	return r == 0;
}

/* Kernel threads and zombies have no memory, which is the same none in all of them. */
static bool has_memory(pid_t pid)
{
	struct process p;

	return process_read_stat(pid, pid, &p) == 0 && !p.kernel_thread && p.state != 'Z' &&
	       p.state != 'X';
}

static int add(struct sharers *s, pid_t pid)
{
	struct sharer *grown = reallocarray(s->items, s->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	s->items = grown;
	s->items[s->count++] = (struct sharer){ .pid = pid };
	return 0;
}

int sharers_find(struct sharers *s, pid_t pid, pid_t tid)
{
	size_t before = s->count;
	struct pids pids;
	int r = list_processes(&pids);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < pids.count; i++) {
		pid_t other = pids.items[i];

		if (other != pid && !was_looked_at(s, other) && same_memory(tid, other) &&
		    has_memory(other))
			r = add(s, other);
	}
	free(s->looked_at);
	s->looked_at = pids.items;
	s->looked_at_count = pids.count;
	return r < 0 ? r : (int)(s->count - before);
}

void sharers_forget(struct sharers *s)
{
	s->count = 0;
}

void sharers_free(struct sharers *s)
{
	free(s->items);
	free(s->looked_at);
	*s = (struct sharers){ 0 };
}
