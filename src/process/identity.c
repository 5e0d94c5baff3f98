/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "identity.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "worker.h"

static void read_user(struct identity *ret, uid_t uid)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(ret->user, sizeof(ret->user), "%s", user->pw_name);
	else
		snprintf(ret->user, sizeof(ret->user), "%u", uid);
}

struct args_request {
	pid_t pid;
	char args[sizeof(((struct identity *)0)->args)];
	ssize_t length;
};

/* A worker_fn: the command line is memory of the process. */
static int read_args(void *context)
{
	struct args_request *q = context;
	cleanup_fd int fd = process_open(q->pid, q->pid, "cmdline");

	worker_begin_wait();
	q->length = fd >= 0 ? read(fd, q->args, sizeof(q->args) - 1) : -1;
	worker_end_wait();
	return q->length < 0 ? -errno : 0;
}

/* The strings of proc_pid_cmdline(5), each ended by a NUL, as ps(1) shows them. */
static void find_args(struct identity *ret, const struct process *process)
{
	struct args_request q = { .pid = process->tid };

	if (worker_call(read_args, &q, sizeof(q)) < 0)
		return;
	while (q.length > 0 && q.args[q.length - 1] == '\0')
		q.length--;
	if (q.length == 0)
		snprintf(q.args, sizeof(q.args), "[%s]", process->comm);
	for (ssize_t i = 0; i < q.length; i++)
		if (q.args[i] == '\0')
			q.args[i] = ' ';
	strcpy(ret->args, q.args);
}

static bool is_unit(const char *name, size_t length)
{
	static const char *const suffixes[] = {
		".service", ".scope", ".socket", ".mount", ".swap",
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t n = strlen(suffixes[i]);

		if (length > n && memcmp(name + length - n, suffixes[i], n) == 0)
			return true;
	}
	return false;
}

/*
 * The first component of the cgroup's PATH that is a unit and no slice, as sd_pid_get_unit(3)
 * has it.  systemd puts a "_" before a name that the kernel might take for a file of its own.
 */
static void find_unit(struct identity *ret, const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "/");

		if (is_unit(path, length)) {
			size_t escape = path[0] == '_';

			snprintf(ret->unit, sizeof(ret->unit), "%.*s", (int)(length - escape),
				 path + escape);
			return;
		}
		path += length + (path[length] == '/');
	}
}

/* cgroups(7): systemd has a hierarchy "name=systemd" in version 1, and the one of version 2. */
static void read_unit(struct identity *ret, pid_t pid)
{
	char text[8192], *next = text, *line;

	if (process_read_file(pid, pid, "cgroup", text, sizeof(text)) < 0)
		return;
	while (!ret->unit[0] && (line = strsep(&next, "\n"))) {
		const char *path = strstr(line, ":name=systemd:");

		if (path)
			find_unit(ret, path + strlen(":name=systemd:"));
		else if (strncmp(line, "0::", 3) == 0)
			find_unit(ret, line + 3);
	}
}

void identity_read(struct identity *ret, const struct process *process, unsigned parts)
{
	pid_t pid = process->tid;

	ret->user[0] = ret->exe[0] = ret->args[0] = ret->unit[0] = '\0';
	if (parts & IDENTITY_USER)
		read_user(ret, process->uid);
	if (parts & IDENTITY_EXE)
		process_read_link(pid, "exe", ret->exe, sizeof(ret->exe));
	if (parts & IDENTITY_ARGS)
		find_args(ret, process);
	if (parts & IDENTITY_UNIT)
		read_unit(ret, pid);
}
