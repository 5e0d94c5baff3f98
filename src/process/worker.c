/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "worker.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "privileges.h"
#include "proc-file.h"
#include "process.h"

/* How long one wait may last, and all those of one call. */
#define WAIT_TIME NS_PER_S
#define WAIT_TIME_MORE (NS_PER_S / 64)	/* for each page but the first */
#define WAITS_TIME (10 * NS_PER_S)
/* How long a short wait may; and once this many took longer, each further one. */
#define SHORT_WAIT_TIME (NS_PER_S / 2)
#define SLOW_MAX 4
#define SHORT_WAIT_TIME_THEN (NS_PER_S / 16)
/* How long everything else may: smaps of one mapping of a terabyte takes seconds. */
#define WORK_TIME (10 * NS_PER_S)
/* How long it may besides, while other processes keep the worker off the processors. */
#define LOAD_TIME_MAX (30 * NS_PER_S)
/* How often the deadline is looked at. */
#define LOOK_TIME (NS_PER_S / 8)

#define STACK_SIZE ((size_t)1 << 20)

/* How many that were killed are waited for; more would be very odd. */
#define KILLED_MAX 16

enum state { IDLE, WORKING, DONE };

/* All that a worker writes to, but for memory that a caller gives it. */
struct block {
	_Atomic uint32_t state;		/* a futex(2) */
	worker_fn *fn;
	int result;
	pid_t parent;
	_Atomic uint64_t deadline;	/* of what the worker does now */
	uint64_t waited;		/* in this call, ns */
	uint64_t wait_began;
	_Atomic bool waits;
	bool short_wait;
	_Alignas(16) char args[WORKER_ARGS_MAX];
	_Alignas(16) char stack[STACK_SIZE];
};

static struct {
	bool enabled;
	bool working;			/* what runs now is the worker */
	pid_t pid;
	pid_t killed[KILLED_MAX];	/* those before, to be waited for; 0: none */
	struct block *block;
	uint64_t deadline;
	void (*idle)(void);
	unsigned slow;			/* short waits that took too long */
} worker = { .deadline = UINT64_MAX };

void worker_enable(void)
{
	worker.enabled = true;
}

/* Forget those that were killed and have ended.  Returns whether there are others. */
static bool reap_killed(void)
{
	bool left = false;

	for (size_t i = 0; i < KILLED_MAX; i++) {
		if (worker.killed[i] > 0 &&
		    waitpid(worker.killed[i], NULL, __WALL | WNOHANG) != 0)
			worker.killed[i] = 0;
		left = left || worker.killed[i] > 0;
	}
	return left;
}

void worker_end(void)
{
	uint64_t end = clock_now() + LOOK_TIME;

	if (worker.pid > 0) {
		/* it waits for work, so it ends at once */
		kill(worker.pid, SIGKILL);
		waitpid(worker.pid, NULL, __WALL);
		worker.pid = 0;
		worker.block = NULL;
	}
	/* most others have ended at once as well; a wait for a FUSE server may have to go on */
	while (reap_killed() && clock_now() < end)
		nanosleep(&(struct timespec){ .tv_nsec = NS_PER_MS }, NULL);
}

pid_t worker_pid(void)
{
	return worker.pid;
}

bool worker_is(pid_t pid)
{
	for (size_t i = 0; i < KILLED_MAX; i++)
		if (worker.killed[i] > 0 && pid == worker.killed[i])
			return true;
	return pid == worker.pid;
}

bool worker_is_serving(void)
{
	return worker.working;
}

void worker_set_deadline(uint64_t deadline)
{
	worker.deadline = deadline;
}

void worker_set_idle(void (*fn)(void))
{
	worker.idle = fn;
}

static void begin_wait(uint64_t time)
{
	struct block *b = worker.block;
	uint64_t left;

	if (!worker.working)
		return;
	left = b->waited < WAITS_TIME ? WAITS_TIME - b->waited : 0;
	b->wait_began = clock_now();
	atomic_store(&b->waits, true);
	atomic_store(&b->deadline, b->wait_began + (left < time ? left : time));
}

void worker_begin_wait(void)
{
	begin_wait(WAIT_TIME);
}

void worker_begin_waits(size_t count)
{
	begin_wait(WAIT_TIME + (count - 1) * WAIT_TIME_MORE);
}

void worker_begin_short_wait(void)
{
	begin_wait(worker.slow < SLOW_MAX ? SHORT_WAIT_TIME : SHORT_WAIT_TIME_THEN);
	if (worker.working)
		worker.block->short_wait = true;
}

void worker_end_wait(void)
{
	struct block *b = worker.block;
	uint64_t now;

	if (!worker.working)
		return;
	now = clock_now();
	b->waited += now - b->wait_began;
	b->short_wait = false;
	atomic_store(&b->deadline, now + WORK_TIME);
	atomic_store(&b->waits, false);
}

static void set_state(struct block *b, enum state state)
{
	atomic_store(&b->state, state);
	syscall(SYS_futex, &b->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/*
 * Returns when the state is no longer STATE, or TIME is over, or for no reason.  The two
 * processes share errno, which is changed here only when TIME is over.
 */
static void wait_while(struct block *b, enum state state, const struct timespec *time)
{
	if (atomic_load(&b->state) == state)
		syscall(SYS_futex, &b->state, FUTEX_WAIT_PRIVATE, state, time, NULL, 0);
}

static int serve(void *context)
{
	struct block *b = context;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != b->parent)
		return 1;
	/* what reads our output must not wait for a worker that hangs */
	closefrom(0);
	for (;;) {
		enum state state = atomic_load(&b->state);

		if (state != WORKING) {
			wait_while(b, state, NULL);
			continue;
		}
		b->result = b->fn(b->args);
		set_state(b, DONE);
	}
}

static int start_worker(void)
{
	struct block *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	sigset_t all, saved;
	int pid, error;

	if (b == MAP_FAILED)
		return -errno;
	reap_killed();
	b->parent = getpid();
	/* ^C is for this process, which may be holding a target */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved);
	/* all that it does is to read processes; a lock of libcap's must not die with it */
	privileges_begin();
	pid = clone(serve, b->stack + sizeof(b->stack), CLONE_VM, b);
	error = errno;
	privileges_end();
	sigprocmask(SIG_SETMASK, &saved, NULL);
	if (pid < 0) {
		munmap(b, sizeof(*b));
		return -error;
	}
	worker.pid = pid;
	worker.block = b;
	return 0;
}

/*
 * Not even SIGKILL ends some waits at once, but it lets the worker run no more code.  Its
 * block stays mapped, so that nothing else is where the kernel may write.
 */
static void give_up_worker(void)
{
	kill(worker.pid, SIGKILL);
	worker.slow += worker.block->short_wait;
	madvise(worker.block, sizeof(*worker.block), MADV_DONTNEED);
	memmove(worker.killed + 1, worker.killed, sizeof(worker.killed) - sizeof(worker.killed[0]));
	worker.killed[0] = worker.pid;
	worker.pid = 0;
	worker.block = NULL;
}

/* How long others had the processors that the worker was ready to run on. */
struct load {
	int file;		/* its "schedstat"; -1: not opened yet, or not there */
	uint64_t delay;		/* at the last look, ns */
	uint64_t allowed;	/* by how much the deadline was put off for that, ns */
};

/* Put off the deadline of work, but not that of a wait, by the LOAD since the last look. */
static void allow_for_load(struct block *b, struct load *load)
{
	uint64_t deadline = atomic_load(&b->deadline), more;
	struct process_runs runs;
	bool first = load->file < 0;

	if (first)
		load->file = process_open(worker.pid, worker.pid, "schedstat");
	if (load->file < 0 || process_read_runs(load->file, &runs) < 0)
		return;
	more = runs.delay - load->delay;
	load->delay = runs.delay;
	if (first || atomic_load(&b->waits) || load->allowed + more > LOAD_TIME_MAX)
		return;
	/* not if the worker has just set another */
	if (atomic_compare_exchange_strong(&b->deadline, &deadline, deadline + more))
		load->allowed += more;
}

/*
 * Wait until the worker is done.  Returns false if it must be given up: if its time was over
 * at two looks, for both may have been stopped meanwhile.
 */
static bool wait_until_done(struct block *b)
{
	struct load load = { .file = -1 };
	bool over = false, first = true, done = true;

	while (atomic_load(&b->state) != DONE) {
		uint64_t now = clock_now(), deadline;
		struct timespec left;

		if (!first) {
			allow_for_load(b, &load);
			if (worker.idle)
				worker.idle();
		}
		first = false;
		deadline = atomic_load(&b->deadline);
		if (worker.deadline < deadline)
			deadline = worker.deadline;
		done = !over || now < deadline;
		if (!done)
			break;
		over = now >= deadline;
		/* not until then at once: the worker may bring it forward */
		left = clock_left(over || now + LOOK_TIME < deadline ? now + LOOK_TIME : deadline);
		wait_while(b, WORKING, &left);
	}
	if (load.file >= 0)
		close(load.file);
	return done;
}

bool worker_can_serve(void)
{
	return !worker.enabled || worker.working || worker.block || start_worker() == 0;
}

int worker_call(worker_fn *fn, void *args, size_t size)
{
	struct block *b;
	bool done;
	int r = 0;

	if (!worker.enabled || worker.working)
		return fn(args);
	if (!worker.block)
		r = start_worker();
	if (r < 0)
		return r;
	b = worker.block;
	b->fn = fn;
	b->waited = 0;
	b->waits = false;
	b->short_wait = false;
	memcpy(b->args, args, size);
	atomic_store(&b->deadline, clock_now() + WORK_TIME);
	worker.working = true;
	set_state(b, WORKING);
	done = wait_until_done(b);
	worker.working = false;
	memcpy(args, b->args, size);
	r = b->result;
	if (done)
		return r;
	give_up_worker();
	return -ETIMEDOUT;
}
