/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cleanup.h"
#include "number.h"
#include "privileges.h"
#include "proc-file.h"

/* include/linux/sched.h, PF_KTHREAD, ...: in the flags of /proc/PID/stat */
#define FLAG_KTHREAD 0x00200000
#define FLAG_IO_WORKER 0x00000010
#define FLAG_EXITING 0x00000004

/* "TID (COMM) STATE ...", where COMM may hold anything: the last parenthesis ends it. */
static int parse_stat(const char *text, struct process *p)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	unsigned long long starttime;
	unsigned flags;
	size_t len;

	if (!open || !close || close < open)
		return -EINVAL;
	len = (size_t)(close - open - 1);
	if (len >= sizeof(p->comm))
		len = sizeof(p->comm) - 1;
	memcpy(p->comm, open + 1, len);
	p->comm[len] = '\0';
	/* fields 3 (state), 4 (ppid), 9 (flags), 20 (num_threads), 22 (starttime), 39 (processor) */
	if (sscanf(close + 1,
		   " %c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d"
		   " %d %*d %llu %*u %*d %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u"
		   " %*u %*u %*d %d", &p->state, &p->parent, &flags, &p->threads, &starttime,
		   &p->processor) != 6)
		return -EINVAL;
	p->starttime = starttime;
	p->kernel_thread = flags & FLAG_KTHREAD;
	p->io_worker = flags & FLAG_IO_WORKER;
	p->exiting = flags & FLAG_EXITING;
	return 0;
}

const char *process_proc_problem(void)
{
	cleanup_fd int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	char text[4096];
	const char *numbers;

	/* NSpid: our number there, and in each namespace further in, proc_pid_status(5) */
	if (fd < 0 && errno == ENOENT)
		return "/proc is not mounted";
	if (fd < 0 || proc_file_read_small(fd, text, sizeof(text)) < 0)
		return "/proc/self/status cannot be read";
	numbers = strstr(text, "\nNSpid:\t");
	if (!numbers)
		return NULL;
	numbers += strlen("\nNSpid:\t");
	return numbers[strspn(numbers, "0123456789")] == '\n' ? NULL :
	       "/proc is that of another PID namespace";
}

bool process_proc_hides(void)
{
	int r;

	privileges_raise(CAP_SYS_PTRACE);
	r = access("/proc/1", F_OK);
	privileges_lower();
	return r != 0;
}

static int status_number(const char *text, const char *key)
{
	const char *line = strstr(text, key);

	return line ? atoi(line + strlen(key)) : 0;
}

static uint64_t status_count(const char *text, const char *key, int base)
{
	const char *line = strstr(text, key);

	return line ? strtoull(line + strlen(key), NULL, base) : 0;
}

/* The last number of the line: of a tid in each namespace, that in the innermost. */
static int status_last_number(const char *text, const char *key)
{
	const char *line = strstr(text, key), *end = line ? strchr(line + 1, '\n') : NULL;

	while (end && end > line && end[-1] != '\t')
		end--;
	return end && end > line ? atoi(end) : 0;
}

int process_read_stat(pid_t pid, pid_t tid, struct process *ret)
{
	struct process p = { .tid = tid };
	char text[1024];
	int r;

	r = process_read_file(pid, tid, "stat", text, sizeof(text));
	if (r == 0)
		r = parse_stat(text, &p);
	if (r == 0)
		*ret = p;
	return r;
}

int process_read_thread(pid_t pid, pid_t tid, struct process *ret)
{
	/* the line of groups alone may be 720 KiB (NGROUPS_MAX); untouched pages cost nothing */
	static char text[1024 * 1024];
	struct process p;
	int r;

	privileges_begin();
	r = process_read_stat(pid, tid, &p);
	if (r == 0)
		r = process_read_file(pid, tid, "status", text, sizeof(text));
	privileges_end();
	if (r < 0)
		return r;
	/* one of the last lines: without it, some are missing */
	if (!strstr(text, "\nnonvoluntary_ctxt_switches:"))
		return -EBADMSG;
	p.waits = status_count(text, "\nvoluntary_ctxt_switches:", 10);
	p.switches = p.waits + status_count(text, "\nnonvoluntary_ctxt_switches:", 10);
	/* the kernel escapes newlines in the name, so it cannot fake a key */
	p.tgid = status_number(text, "\nTgid:");
	p.tracer = status_number(text, "\nTracerPid:");
	p.uid = (uid_t)status_number(text, "\nUid:");
	p.inner_tid = status_last_number(text, "\nNSpid:");
	p.pending = status_count(text, "\nSigPnd:", 16) | status_count(text, "\nShdPnd:", 16);
	p.caught = status_count(text, "\nSigCgt:", 16);
	p.seccomp = status_number(text, "\nSeccomp:");
	p.seccomp_filters = status_number(text, "\nSeccomp_filters:");
	*ret = p;
	return 0;
}

static int parse_call(const char *text, struct process_call *ret)
{
	enum { FIELDS = 8 };	/* six arguments, sp, pc */
	uint64_t fields[FIELDS];
	size_t count = 0;
	char *next;

	if (strncmp(text, "running", 7) == 0)
		return -EAGAIN;
	/* outside of any call the number is -1, without arguments */
	ret->number = strtol(text, &next, 10);
	for (; *next == ' ' && count < FIELDS; count++)
		fields[count] = strtoull(next, &next, 16);
	if (ret->number < 0 || count < FIELDS)
		return -ENODATA;
	memcpy(ret->arguments, fields, sizeof(ret->arguments));
	ret->sp = fields[6];
	ret->pc = fields[7];
	return 0;
}

int process_read_call(int fd, struct process_call *ret)
{
	char text[256];
	int r;

	/* each read checks our rights */
	privileges_raise(CAP_SYS_PTRACE);
	r = proc_file_read_small(fd, text, sizeof(text));
	privileges_lower();
	return r < 0 ? r : parse_call(text, ret);
}

int process_find_call(pid_t pid, pid_t tid, struct process_call *ret)
{
	char text[256];
	int r;

	privileges_begin();
	r = process_read_file(pid, tid, "syscall", text, sizeof(text));
	privileges_end();
	return r < 0 ? r : parse_call(text, ret);
}

int process_read_runs(int fd, struct process_runs *ret)
{
	char text[128], *next;
	int r = proc_file_read_small(fd, text, sizeof(text));

	if (r < 0)
		return r;
	ret->time = strtoull(text, &next, 10);
	ret->delay = strtoull(next, &next, 10);
	ret->count = strtoull(next, NULL, 10);
	return 0;
}

bool process_is_nonblocking(pid_t pid, int fd)
{
	char file[32], text[4096];
	const char *flags;

	snprintf(file, sizeof(file), "fdinfo/%d", fd);
	if (process_read_file(pid, pid, file, text, sizeof(text)) < 0)
		return true;
	flags = strstr(text, "flags:");
	return !flags || (strtoul(flags + strlen("flags:"), NULL, 8) & O_NONBLOCK);
}

int process_read(pid_t pid, struct process *ret)
{
	int r = process_read_thread(pid, pid, ret);

	return r == 0 && ret->tgid != pid ? -ESRCH : r;
}

pid_t process_of_thread(pid_t pid)
{
	char path[64], text[4096];
	cleanup_fd int fd = -1;
	pid_t tgid;

	/* a thread has a directory in /proc, though it is not listed */
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	privileges_raise(CAP_SYS_PTRACE);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	privileges_lower();
	if (fd < 0 || proc_file_read_small(fd, text, sizeof(text)) < 0)
		return 0;
	tgid = status_number(text, "\nTgid:");
	return tgid != pid ? tgid : 0;
}

bool process_traces_us(pid_t pid)
{
	pid_t tracee = getpid(), tracer, leader;
	/* enough for the line, which is one of the first */
	char text[1024];

	/* bounded, should tracers trace each other */
	for (int depth = 0; depth < 16; depth++) {
		if (process_read_file(tracee, tracee, "status", text, sizeof(text)) < 0)
			return false;
		tracer = status_number(text, "\nTracerPid:");
		if (tracer == 0)
			return false;
		leader = process_of_thread(tracer);
		tracee = leader > 0 ? leader : tracer;
		if (tracee == pid)
			return true;
	}
	return false;
}

/* Call FN for each entry of the directory PATH whose name is a number, as the callers below. */
static int each_number(const char *path, int (*fn)(void *context, pid_t id), void *context)
{
	struct dirent *entry;
	uint64_t id;
	DIR *dir;
	int r;

	/* for readdir(3) too: where /proc hides processes, it lists those that we may trace */
	privileges_begin();
	dir = opendir(path);
	r = dir ? 0 : -errno;
	while (r == 0) {
		errno = 0;
		entry = readdir(dir);
		if (!entry) {
			r = -errno;
			break;
		}
		if (number_parse(entry->d_name, 10, INT_MAX, &id) == 0)
			r = fn(context, (pid_t)id);
	}
	privileges_end();
	if (dir)
		closedir(dir);
	return r;
}

int process_each(int (*fn)(void *context, pid_t pid), void *context)
{
	return each_number("/proc", fn, context);
}

int process_each_thread(pid_t pid, int (*fn)(void *context, pid_t tid), void *context)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	r = each_number(path, fn, context);
	return r == -ENOENT ? -ESRCH : r;
}

/* How often to look for a thread that lives. */
#define LOOKS 32

/* Context of find_live(): the process, then the thread that was found. */
struct live_thread {
	pid_t pid;
	pid_t tid;
	pid_t last;		/* that was listed */
};

static int find_live(void *context, pid_t tid)
{
	struct live_thread *live = context;
	struct process thread;
	int r;

	live->last = tid;
	r = process_read_stat(live->pid, tid, &thread);
	if (r < 0)
		return r == -ESRCH ? 0 : r;
	if (process_is_dead(&thread) || thread.exiting)
		return 0;
	live->tid = tid;
	return 1;
}

/*
 * One look for process_find_reader(); -EAGAIN if threads may have been started meanwhile.  They
 * are listed in the order of their start.  So if none lives, and neither did any at the look
 * before, that had the same last one, none can have been started between the two.
 */
static pid_t look_for_reader(struct live_thread *live, struct process *ret)
{
	pid_t newest = live->last;
	int r = process_read(live->pid, ret);
	bool ended;

	if (r < 0)
		return r;
	ended = process_is_dead(ret);
	/* one that is exiting may have let go of its memory already */
	if (!ended && !ret->exiting)
		return live->pid;
	live->last = 0;
	r = process_each_thread(live->pid, find_live, live);
	if (r != 0)
		return r < 0 ? r : live->tid;
	/* the number is 0 for a leader whose place another thread takes by execve(2) */
	if (ret->threads != 1 && live->last != newest)
		return -EAGAIN;
	return ended ? -ESRCH : live->pid;
}

pid_t process_find_reader(pid_t pid, struct process *ret)
{
	struct live_thread live = { .pid = pid, .last = -1 };

	for (int looks = 0; looks < LOOKS; looks++) {
		pid_t tid = look_for_reader(&live, ret);

		if (tid != -EAGAIN)
			return tid;
	}
	return -ESTALE;
}

bool process_lives(pid_t pid, struct process *ret)
{
	pid_t tid = process_find_reader(pid, ret);

	return tid >= 0 || tid == -ESTALE;
}

static bool is_limited(__rlimit_resource_t resource)
{
	struct rlimit limit;

	return getrlimit(resource, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

bool process_memory_limited(void)
{
	return is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA);
}
