/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TRANSFER_H
#define MSEALCTL_TRANSFER_H

#include <stdbool.h>

#include "process.h"
#include "remote-regs.h"

/*
 * A stop interrupts the call that a thread waits in.  The kernel repairs that, unless the
 * call has moved a part of its data: it ends early then, such as a write(2) to a pipe.
 */
enum transfer_state {
	TRANSFER_NONE,		/* a stop does no harm */
	TRANSFER_POSSIBLE,	/* the thread runs, perhaps inside of such a call */
	TRANSFER_BLOCKED,	/* it waits inside of such a call */
	/*
	 * It is a thread of the kernel that serves the process, such as a worker of io_uring(7):
	 * it runs no code of the program, and a stop would make its request fail.
	 */
	TRANSFER_KERNEL,
};

/* What transfer_look() has seen of a thread; TRANSFER_INIT before. */
struct transfer {
	/* its "syscall" and "schedstat" in /proc, kept open for the next look; or -1 */
	int call_file, runs_file;
	struct process_runs runs;	/* its schedstat at the last look at its call */
	bool settled;		/* it was in no transfer then, so it is in none until it runs */
	enum transfer_state state;
	const char *name;	/* of the transfer that it was last seen blocked in, or NULL */
	struct process_call call;	/* that transfer */
	uint64_t switches;	/* all context switches before the last look */
	uint64_t waits;		/* when it was first seen running: see struct process */
	uint64_t runtime;	/* and for how long it had run then, ns */
	bool moved;		/* it has run since the look before */
	struct process_call seen;	/* the call that it waited in at the last look; number -1: none */
	uint64_t seen_waits;	/* how often it had waited before that */
	bool seen_on_fuse;	/* it waited for the answer of a FUSE server */
	bool hidden;		/* its calls cannot be read, without CAP_DAC_READ_SEARCH */
};

#define TRANSFER_INIT { .call_file = -1, .runs_file = -1, .seen = { .number = -1 } }

/* A thread, and the name of the call that it was in. */
struct thread_call {
	pid_t tid;		/* 0: none */
	const char *name;	/* NULL: any, which has ended with EINTR */
	bool perhaps;
};

/* Look at thread TID of process PID, and note in TRANSFER what it does. */
enum transfer_state transfer_look(struct transfer *transfer, pid_t pid, pid_t tid);

/*
 * Thread TID of PID is stopped with REGS, for the first time since the last look: is it at the
 * end of the call that it was seen in, and so what was its first argument?
 */
bool transfer_first_argument(const struct transfer *transfer, pid_t pid, pid_t tid,
			     const remote_regs *regs, uint64_t *ret);

/* There will be no further look at that thread. */
void transfer_end(struct transfer *transfer);

/*
 * The call of thread TID of PID, stopped with REGS, if the stop has ended it early: a write(2)
 * or send(2) that has moved less than it had to, although its descriptor blocks.  Perhaps, where
 * the result has taken the place of that descriptor, and so for a getrandom(2), which cannot be
 * made again then.  Perhaps an io_uring_enter(2) that has submitted requests: whether it was to
 * wait for more completions cannot be seen.  If the thread's calls were hidden, perhaps any
 * other that moves data.
 */
struct thread_call transfer_cut_short(const struct transfer *transfer, pid_t pid, pid_t tid,
				      const remote_regs *regs);

#endif
