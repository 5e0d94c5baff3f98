/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_HEADS_H
#define MSEALCTL_HEADS_H

#include "elf-image.h"
#include "maps.h"
#include "memory.h"

#define HEADS_MAX 64

/* Heads that were read at once. */
struct head_group {
	const struct head_group *before;
	size_t count;
	uint64_t addresses[HEADS_MAX];	/* ascending */
	unsigned char bytes[][ELF_HEAD_SIZE];
};

/*
 * The memory of a process for regions_build(), which reads the head of each object: here the
 * next ones are read with it, which takes a tenth of the time of one by one.
 */
struct heads {
	struct memory memory;	/* first: this is what reads the heads */
	struct heads *self;
	struct memory rest;	/* reads all that is no head */
	bool rest_used;		/* it has read something */
	const struct maps *maps;
	struct arena *arena;	/* holds the groups */
	struct head_group *last;
	size_t next;		/* the head of the last group that is likely to be asked for next */
	size_t wanted;		/* how many to read at once: more while that goes fast */
};

/* For the memory of thread TID, whose rows MAPS are.  Only where waits may be: see worker.h. */
void heads_init(struct heads *ret, pid_t tid, const struct maps *maps, struct arena *arena);

/* Has the memory of thread TID the same heads as LAST and the groups before it? */
bool heads_are_current(const struct head_group *last, pid_t tid);

#endif
