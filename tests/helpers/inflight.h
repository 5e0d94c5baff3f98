/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TESTS_INFLIGHT_H
#define MSEALCTL_TESTS_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>

/* when a call that nothing else ends is over, ms */
#define TIMEOUT_MS 2000
/* ticks of 1 ms until a call that was let end counts as one that never will */
#define END_TRIES 30000

struct call;

/* One call in progress: what it needs, made by the parent, and its result.  In memory
 * that the two processes share. */
struct slot {
	const struct call *call;
	int fds[2];		/* a pipe or a pair of sockets: [0] is waited on */
	int id;			/* of System V, a file, or the pid to wait for */
	unsigned long context;	/* of asynchronous I/O, made by the worker */
	int word;		/* futex */
	volatile pid_t pid, tid;
	volatile bool last;	/* do not make it again */
	volatile bool done;
	volatile unsigned rounds, interrupted;
	volatile unsigned alarms;	/* that its thread has handled */
	unsigned seen;		/* of interrupted, by the parent */
	volatile long result;
	volatile int error;
	volatile long elapsed_ms;
};

/* What the kernel does to a call that a stop has interrupted, signal(7). */
enum fate {
	RESTARTS,	/* makes it again, with the rest of its timeout */
	INTERRUPTED,	/* ends it with EINTR; made again, the timeout is whole */
};

/*
 * Calls that newer architectures lack, which have one that does more, or that are a part of
 * another one on older: rows with the number NO_CALL are left out.
 */
#define NO_CALL (-1)
#ifndef SYS_poll
#define SYS_poll NO_CALL
#endif
#ifndef SYS_epoll_wait
#define SYS_epoll_wait NO_CALL
#endif
#ifndef SYS_pause
#define SYS_pause NO_CALL
#endif
#ifndef SYS_accept
#define SYS_accept NO_CALL
#endif
#ifndef SYS_semop
#define SYS_semop NO_CALL
#endif

struct call {
	const char *name;
	long number;
	/* by the parent, for both sides; sets slot->call to NULL where there is no such call */
	void (*prepare)(struct slot *slot);
	long (*run)(struct slot *slot);
	void (*finish)(struct slot *slot);	/* NULL: the time ends it */
	long result;
	int error;
	enum fate fate;
	void (*remove)(const struct slot *slot);	/* NULL: the end of the process does */
};

/* Tables, ended by one without a name.  Not every program is linked with all of them. */
extern const struct call wait_calls[];
extern const struct call io_calls[] __attribute__((weak));
extern const struct call ipc_calls[] __attribute__((weak));

extern const struct timespec tick, timeout;
extern const struct timeval timeout_val;

void die(const char *what) __attribute__((noreturn));
void make_pipe(struct slot *s);
long run_read(struct slot *s);
void finish_write(struct slot *s);

#endif
