/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_HEADS_H
#define MSEALCTL_HEADS_H

#include "elf-image.h"
#include "maps.h"
#include "memory.h"

#define HEADS_MAX 64

/*
 * The memory of a process for regions_build(), which reads the head of each object: here the
 * next ones are read with it, which takes a tenth of the time of one by one.
 */
struct heads {
	struct memory memory;	/* first: this is what reads the heads */
	struct heads *self;
	struct memory other;	/* for all else */
	const struct maps *maps;
	size_t wanted;		/* how many to read at once: more while that goes fast */
	size_t count, next;	/* how many there are, and which is likely to be next */
	uint64_t addresses[HEADS_MAX];	/* ascending */
	unsigned char bytes[HEADS_MAX][ELF_HEAD_SIZE];
};

/* For the memory of thread TID, whose rows MAPS are.  Only where waits may be: see worker.h. */
void heads_init(struct heads *ret, pid_t tid, const struct maps *maps);

#endif
