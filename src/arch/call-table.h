/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CALL_TABLE_H
#define MSEALCTL_CALL_TABLE_H

struct remote_abi;

/* What a stop can do to a system call, beyond what the kernel repairs by itself. */
enum call_trait {
	/* if it ends with EINTR, making it again could do something twice */
	CALL_ONCE = 1,
	/* it ends early, successfully once it has moved a part of its data: it is left alone */
	CALL_PARTIAL = 2,
	/* the same, but only with MSG_WAITALL; otherwise it waits for the first data only */
	CALL_WAITALL = 4,
	/* it can wait uninterruptibly for a vfork(2)ed child */
	CALL_VFORK = 8,
	/* like CALL_PARTIAL, but it may as well be made again from its beginning */
	CALL_REPEAT = 16,
};

/*
 * The traits of call NUMBER: several enum call_trait, or 0.  A number that is not known
 * has CALL_ONCE.
 */
unsigned call_traits(const struct remote_abi *abi, long number);

/* The name of call NUMBER of ABI if it has CALL_PARTIAL or CALL_WAITALL, else NULL. */
const char *call_name(const struct remote_abi *abi, long number);

#endif
