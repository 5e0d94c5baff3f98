/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "identity.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "cleanup.h"
#include "proc-file.h"
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

void identity_read(struct identity *ret, const struct process *process, unsigned parts)
{
	pid_t pid = process->tid;
	char text[8192];

	ret->user[0] = ret->exe[0] = ret->args[0] = ret->unit[0] = '\0';
	if (parts & IDENTITY_USER)
		read_user(ret, process->uid);
	if (parts & IDENTITY_EXE)
		process_read_link(pid, "exe", ret->exe, sizeof(ret->exe));
	if (parts & IDENTITY_ARGS)
		find_args(ret, process);
	if ((parts & IDENTITY_UNIT) && process_read_file(pid, pid, "cgroup", text, sizeof(text)) == 0)
		cgroup_unit(text, ret->unit, sizeof(ret->unit));
}
