/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "pids.h"

#include <errno.h>
#include <stdlib.h>

#include "process.h"

int pids_append(struct pids *pids, pid_t pid)
{
	if (pids->count == pids->capacity) {
		size_t capacity = 2 * pids->capacity + 256;
		pid_t *grown = reallocarray(pids->items, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		pids->items = grown;
		pids->capacity = capacity;
	}
	pids->items[pids->count++] = pid;
	return 0;
}

static int append_pid(void *context, pid_t pid)
{
	return pids_append(context, pid);
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

void pids_sort(struct pids *pids)
{
	if (pids->count > 0)
		qsort(pids->items, pids->count, sizeof(*pids->items), compare_pids);
}

int pids_read(struct pids *ret)
{
	int r;

	*ret = (struct pids){ 0 };
	r = process_each(append_pid, ret);
	if (r < 0)
		pids_free(ret);
	/* the kernel lists them in this order, but does not promise to */
	pids_sort(ret);
	return r;
}

bool pids_have(const struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++)
		if (pids->items[i] == pid)
			return true;
	return false;
}

bool pids_contain(const struct pids *pids, pid_t pid)
{
	return pids->count > 0 &&
	       bsearch(&pid, pids->items, pids->count, sizeof(pid), compare_pids);
}

void pids_free(struct pids *pids)
{
	free(pids->items);
	*pids = (struct pids){ 0 };
}
