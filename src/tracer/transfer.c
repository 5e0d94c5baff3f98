/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "transfer.h"

#include <errno.h>
#include <limits.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call-table.h"
#include "cleanup.h"
#include "clock.h"
#include "proc-file.h"
#include "remote-abi.h"

/* How many files are kept open at most. */
#define FILES_MAX 4096

/* A thread that has run for this long without waiting is hardly in a transfer. */
#define RUN_ENOUGH (4 * NS_PER_MS)

/* Numbers of linux/net.h, the first argument of the 32-bit socketcall(2) */
static bool socketcall_sends(uint64_t subcall)
{
	return subcall == 9 || subcall == 11 || subcall == 16 || subcall == 20;
}

/* Does the call take a descriptor, a buffer and its size? */
static bool has_amount(const char *name)
{
	return strcmp(name, "write") == 0 || strcmp(name, "pwrite64") == 0 ||
	       strcmp(name, "sendto") == 0;
}

/*
 * Does CALL, a write(2) or send(2) of PID, move its few bytes all at once?  A pipe promises
 * that (pipe(7)), an eventfd and local sockets do so, and TCP does in all but odd cases.
 */
static bool moves_at_once(pid_t pid, const char *name, const struct process_call *call)
{
	static const char *const kinds[] = { "pipe:", "socket:", "anon_inode:" };
	char link[32], target[32];

	snprintf(link, sizeof(link), "fd/%d", (int)call->arguments[0]);
	if (!has_amount(name) || call->arguments[2] > PIPE_BUF ||
	    process_read_link(pid, link, target, sizeof(target)) < 0)
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(target, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

/* The name of CALL if a stop can end it early, else NULL. */
static const char *partial_call(pid_t pid, const struct process_call *call)
{
	const struct remote_abi *abi = remote_abi_at(call->sp);
	const char *name = call_name(abi, call->number);
	uint64_t flags;

	if (!name)
		return NULL;
	flags = call->arguments[strcmp(name, "recvmsg") == 0 ? 2 : 3];
	if (call_traits(abi, call->number) & CALL_WAITALL)
		return flags & MSG_WAITALL ? name : NULL;
	if (strncmp(name, "recvmmsg", strlen("recvmmsg")) == 0)
		return flags & MSG_WAITFORONE ? NULL : name;
	if (strcmp(name, "socketcall") == 0)
		return socketcall_sends(call->arguments[0]) ? name : NULL;
	return moves_at_once(pid, name, call) ? NULL : name;
}

/* It runs: has it done so for long enough, without waiting? */
static enum transfer_state look_at_running(struct transfer *transfer,
					   const struct process *thread, bool known)
{
	/* without CONFIG_SCHED_INFO, the time that has passed is the best guess */
	uint64_t runtime = known ? transfer->runs.time : clock_now();

	if (transfer->state != TRANSFER_POSSIBLE || transfer->waits != thread->waits) {
		transfer->state = TRANSFER_POSSIBLE;
		transfer->waits = thread->waits;
		transfer->runtime = runtime;
	}
	return runtime - transfer->runtime < RUN_ENOUGH ? TRANSFER_POSSIBLE : TRANSFER_NONE;
}

/* The files that may be kept open, by their numbers: others are needed, and take memory. */
static int files_end(void)
{
	static int end;
	struct rlimit limit;

	if (end > 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return end;
	if (limit.rlim_cur < 2 * FILES_MAX) {
		limit.rlim_cur = limit.rlim_max < 2 * FILES_MAX ? limit.rlim_max : 2 * FILES_MAX;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	end = limit.rlim_cur / 2 < FILES_MAX ? (int)limit.rlim_cur / 2 : FILES_MAX;
	return end;
}

static void forget_file(int *file)
{
	if (*file >= 0)
		close(*file);
	*file = -1;
}

static int open_again(int *file, pid_t pid, pid_t tid, const char *name)
{
	forget_file(file);
	*file = process_open(pid, tid, name);
	return *file < 0 ? *file : 0;
}

static void limit_file(int *file)
{
	if (*file >= files_end())
		forget_file(file);
}

static int read_call(struct transfer *transfer, pid_t pid, pid_t tid, struct process_call *ret)
{
	int *file = &transfer->call_file, r;

	/* it may be executing a program: that may wait, see proc-file.h */
	if (tid == pid)
		return process_find_call(pid, tid, ret);
	r = *file >= 0 ? process_read_call(*file, ret) : -ESRCH;
	/* another thread may have the number by now */
	if (r != -ESRCH)
		return r;
	r = open_again(file, pid, tid, "syscall");
	if (r == 0)
		r = process_read_call(*file, ret);
	limit_file(file);
	return r;
}

/* Returns false where it cannot be known. */
static bool read_runs(struct transfer *transfer, pid_t pid, pid_t tid, struct process_runs *ret)
{
	int *file = &transfer->runs_file;
	int r = *file >= 0 ? process_read_runs(*file, ret) : -ESRCH;

	if (r == -ESRCH && (r = open_again(file, pid, tid, "schedstat")) == 0)
		r = process_read_runs(*file, ret);
	limit_file(file);
	return r == 0 && ret->count > 0;
}

void transfer_end(struct transfer *transfer)
{
	forget_file(&transfer->call_file);
	forget_file(&transfer->runs_file);
}

/* A stop does no harm to it.  SETTLED: until it runs. */
static enum transfer_state note_none(struct transfer *transfer, bool settled, bool hidden)
{
	*transfer = (struct transfer){
		.call_file = transfer->call_file, .runs_file = transfer->runs_file,
		.runs = transfer->runs, .settled = settled, .moved = true,
		.name = transfer->name, .hidden = hidden,
		.seen = transfer->seen, .seen_waits = transfer->seen_waits,
		.seen_on_fuse = transfer->seen_on_fuse,
	};
	if (settled)
		forget_file(&transfer->call_file);
	return TRANSFER_NONE;
}

/* Does the thread wait for the answer of a FUSE server: request_wait_answer(), fs/fuse/dev.c? */
static bool is_on_fuse(pid_t pid, pid_t tid)
{
	char name[64];

	return process_read_file(pid, tid, "wchan", name, sizeof(name)) == 0 &&
	       strcmp(name, "request_wait_answer") == 0;
}

/* For transfer_first_argument(): CALL was found, if R is 0. */
static void note_seen(struct transfer *transfer, pid_t pid, pid_t tid, int r,
		      const struct process_call *call)
{
	struct process thread;

	transfer->seen.number = -1;
	if (!REMOTE_HIDES_ARGUMENT || r < 0 || process_read_thread(pid, tid, &thread) < 0)
		return;
	transfer->seen = *call;
	transfer->seen_waits = thread.waits;
	transfer->seen_on_fuse = is_on_fuse(pid, tid);
}

bool transfer_first_argument(const struct transfer *transfer, pid_t pid, pid_t tid,
			     const remote_regs *regs, uint64_t *ret)
{
	const struct process_call *seen = &transfer->seen;
	uint64_t waits = transfer->seen_waits + 1, more;
	__u64 arguments[6];
	struct process thread;

	remote_abi_arguments(remote_abi_of(regs), regs, arguments);
	for (size_t i = 1; i < 6; i++)
		if (arguments[i] != seen->arguments[i])
			return false;
	/* the kernel sends FUSE_INTERRUPT, and waits for the answer once more */
	more = transfer->seen_on_fuse && remote_regs_result(regs) == -EINTR;
	/* the stop is one wait; with another one between, it may be another call */
	if (seen->number < 0 || seen->number != remote_regs_syscall(regs) ||
	    seen->sp != remote_regs_sp(regs) || seen->pc != remote_regs_pc(regs) ||
	    process_read_thread(pid, tid, &thread) < 0 ||
	    thread.waits < waits || thread.waits > waits + more)
		return false;
	*ret = seen->arguments[0];
	return true;
}

/* It has no registers of user mode: copy_thread() of the kernel's arch/x86/kernel/process.c. */
static enum transfer_state note_kernel(struct transfer *transfer)
{
	note_none(transfer, false, false);
	transfer->name = NULL;
	return TRANSFER_KERNEL;
}

enum transfer_state transfer_look(struct transfer *transfer, pid_t pid, pid_t tid)
{
	struct process_call call = { .number = -1 };
	struct process_runs runs = { 0 };
	bool known = read_runs(transfer, pid, tid, &runs);
	struct process thread;
	const char *name;
	int r;

	if (known && transfer->settled && runs.count == transfer->runs.count &&
	    runs.time == transfer->runs.time)
		return TRANSFER_NONE;
	transfer->runs = runs;
	transfer->settled = false;
	r = read_call(transfer, pid, tid, &call);
	/* it goes on to execute a program, or does not: as if it ran */
	if (r == -ETIMEDOUT)
		r = -EAGAIN;
	if (r == 0 && call.sp == 0 && call.pc == 0)
		return note_kernel(transfer);
	note_seen(transfer, pid, tid, r, &call);
	name = r == 0 ? partial_call(pid, &call) : NULL;
	if (!name && r != -EAGAIN)
		return note_none(transfer, known && (r == 0 || r == -ENODATA),
				 r == -EACCES || r == -EPERM);
	/* a stopped thread has left its call already */
	if (process_read_thread(pid, tid, &thread) < 0 || strchr("TtZX", thread.state))
		return note_none(transfer, false, false);
	if (thread.io_worker)
		return note_kernel(transfer);
	transfer->moved = transfer->state != TRANSFER_BLOCKED ||
			  transfer->switches != thread.switches ||
			  memcmp(&transfer->call, &call, sizeof(call)) != 0;
	transfer->switches = thread.switches;
	if (r == -EAGAIN)
		return look_at_running(transfer, &thread, known);
	transfer->state = TRANSFER_BLOCKED;
	transfer->name = name;
	transfer->call = call;
	return TRANSFER_BLOCKED;
}

/* Has CALL moved less than it had to?  Only for a call whose name has_amount(), or getrandom(2). */
static bool is_short(const char *name, const struct process_call *call, long result)
{
	return (uint64_t)result < call->arguments[has_amount(name) ? 2 : 1];
}

/* Has it submitted requests, and waits for completions?  It returns how many it has submitted. */
static bool is_submit_and_wait(const struct process_call *call)
{
	return call->number == SYS_io_uring_enter && call->arguments[2] > 0 &&
	       (call->arguments[3] & IORING_ENTER_GETEVENTS);
}

struct thread_call transfer_cut_short(const struct transfer *transfer, pid_t pid, pid_t tid,
				      const remote_regs *regs)
{
	const struct remote_abi *abi = remote_abi_of(regs);
	struct process_call call = { .number = remote_regs_syscall(regs), .sp = remote_regs_sp(regs) };
	/* which descriptor it has is not known, nor could it be made again: syscall-restart.c */
	bool unknown = remote_regs_lack_argument(regs), repeat;
	long result = remote_regs_result(regs);
	struct thread_call cut = { 0 };
	__u64 arguments[6];

	if (!abi || !remote_regs_in_syscall(regs) || result <= 0)
		return cut;
	remote_abi_arguments(abi, regs, arguments);
	for (size_t i = 0; i < 6; i++)
		call.arguments[i] = arguments[i];
	if (is_submit_and_wait(&call))
		return (struct thread_call){ tid, "io_uring_enter", .perhaps = true };
	if (unknown)
		call.arguments[0] = (uint64_t)-1;
	repeat = unknown && (call_traits(abi, call.number) & CALL_REPEAT);
	cut.name = repeat ? "getrandom" : partial_call(pid, &call);
	if (!cut.name)
		return cut;
	if (has_amount(cut.name) || repeat) {
		if (is_short(cut.name, &call, result) &&
		    (unknown || !process_is_nonblocking(pid, (int)arguments[0])))
			cut.tid = tid;
		cut.perhaps = unknown;
	} else {
		cut.tid = transfer->hidden ? tid : 0;
		cut.perhaps = true;
	}
	return cut;
}
