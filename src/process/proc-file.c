/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "proc-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "privileges.h"
#include "worker.h"

int process_open(pid_t pid, pid_t tid, const char *file)
{
	char folder[64], path[128];
	int fd;

	snprintf(folder, sizeof(folder), "/proc/%d/task/%d", pid, tid);
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	/* a thread that executes a program takes the place of another: it is not there meanwhile */
	for (int tries = 0; tries < 3; tries++) {
		privileges_raise_to_open();
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		privileges_lower();
		if (fd >= 0 || errno != ENOENT)
			return fd >= 0 ? fd : -errno;
		/* of the thread or of its file? */
		if (access(folder, F_OK) != 0)
			return -ESRCH;
	}
	return -ENOENT;
}

int proc_file_read_small(int fd, char *buf, size_t size)
{
	ssize_t n;

	do {
		n = pread(fd, buf, size - 1, 0);
	} while (n < 0 && errno == EINTR);
	buf[n > 0 ? n : 0] = '\0';
	return n < 0 ? -errno : 0;
}

static int read_now(pid_t pid, pid_t tid, const char *file, char *buf, size_t size)
{
	cleanup_fd int fd = process_open(pid, tid, file);

	return fd < 0 ? fd : proc_file_read_small(fd, buf, size);
}

static int read_link_now(pid_t pid, const char *name, char *ret, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	privileges_raise(CAP_SYS_PTRACE);
	n = readlink(path, ret, size - 1);
	privileges_lower();
	ret[n > 0 ? n : 0] = '\0';
	return n >= 0 ? 0 : -errno;
}

/*
 * While a process executes a program, most of its files can only be read once its old memory
 * is gone (exec_update_lock; Linux 6.18 takes it even for "stat").  That waits for asynchronous
 * reads into that memory, exit_aio(): for ever, if they are of a file whose FUSE server does
 * not answer.  By then the process has one thread, which has its number.
 */
static bool may_wait(pid_t pid, pid_t tid, const char *file)
{
	static const char *const never[] = { "cgroup", "schedstat", "statm", "status" };

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strcmp(file, never[i]) == 0)
			return false;
	return tid == pid;
}

/* Without a worker (RLIMIT_NPROC), read here: survey_read(), which comes next, reports that. */
static bool needs_worker(void)
{
	return !worker_is_serving() && worker_can_serve();
}

/* What the worker is called with. */
struct reading {
	pid_t pid;
	bool link;
	char name[32];
	char text[PATH_MAX];
};

static int serve_reading(void *args)
{
	struct reading *reading = args;
	int r;

	worker_begin_short_wait();
	if (reading->link)
		r = read_link_now(reading->pid, reading->name, reading->text, sizeof(reading->text));
	else
		r = read_now(reading->pid, reading->pid, reading->name, reading->text,
			     sizeof(reading->text));
	worker_end_wait();
	return r;
}

static int read_by_worker(struct reading *reading, char *ret, size_t size)
{
	int r = worker_call(serve_reading, reading, sizeof(*reading));
	size_t len = r < 0 ? 0 : strnlen(reading->text, size - 1);

	memcpy(ret, reading->text, len);
	ret[len] = '\0';
	return r;
}

int process_read_file(pid_t pid, pid_t tid, const char *file, char *buf, size_t size)
{
	struct reading reading = { .pid = pid };

	if (!may_wait(pid, tid, file) || !needs_worker())
		return read_now(pid, tid, file, buf, size);
	snprintf(reading.name, sizeof(reading.name), "%s", file);
	return read_by_worker(&reading, buf, size);
}

int process_read_link(pid_t pid, const char *name, char *ret, size_t size)
{
	struct reading reading = { .pid = pid, .link = true };

	if (!needs_worker())
		return read_link_now(pid, name, ret, size);
	snprintf(reading.name, sizeof(reading.name), "%s", name);
	return read_by_worker(&reading, ret, size);
}
