/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Calls of inflight.c that wait for System V objects, children and locks. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inflight.h"

/* more than a queue holds: msgget(2), MSGMNB */
#define MESSAGE_SIZE 4096

struct message {
	long type;
	char text[MESSAGE_SIZE];
};

static void make_semaphore(struct slot *s)
{
	s->id = semget(IPC_PRIVATE, 1, 0600);
	if (s->id < 0)
		die("semget");
}

static void remove_semaphore(const struct slot *s)
{
	semctl(s->id, 0, IPC_RMID);
}

static void make_queue(struct slot *s)
{
	s->id = msgget(IPC_PRIVATE, 0600);
	if (s->id < 0)
		die("msgget");
}

static void make_full_queue(struct slot *s)
{
	static const struct message message = { .type = 1 };

	make_queue(s);
	while (msgsnd(s->id, &message, sizeof(message.text), IPC_NOWAIT) == 0)
		;
}

static void remove_queue(const struct slot *s)
{
	msgctl(s->id, IPC_RMID, NULL);
}

static long run_semop(struct slot *s)
{
	struct sembuf op = { .sem_op = -1 };

	return syscall(SYS_semop, s->id, &op, 1);
}

static long run_semtimedop(struct slot *s)
{
	struct sembuf op = { .sem_op = -1 };

	return syscall(SYS_semtimedop, s->id, &op, 1, &timeout);
}

static void finish_semaphore(struct slot *s)
{
	struct sembuf op = { .sem_op = 1 };

	semop(s->id, &op, 1);
}

static long run_msgrcv(struct slot *s)
{
	struct message message;

	return syscall(SYS_msgrcv, s->id, &message, sizeof(message.text), 0, 0);
}

static long run_msgsnd(struct slot *s)
{
	static const struct message message = { .type = 2 };

	return syscall(SYS_msgsnd, s->id, &message, sizeof(message.text), 0);
}

static void finish_msgrcv(struct slot *s)
{
	static const struct message message = { .type = 1 };

	msgsnd(s->id, &message, 8, 0);
}

static void finish_msgsnd(struct slot *s)
{
	struct message message;

	msgrcv(s->id, &message, sizeof(message.text), 1, 0);
}

/* The child that a slot waits for ends when it can read a byte. */
static void fork_child(struct slot *s)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run_read(s) == 1 ? 0 : 1);
	}
	s->id = pid;
}

/* Only the parent of the child can wait for it: the worker, at its first call. */
static long run_wait4(struct slot *s)
{
	int status;

	if (s->id == 0)
		fork_child(s);
	return syscall(SYS_wait4, s->id, &status, 0, NULL) == s->id && status == 0 ? 1 : -1;
}

static long run_waitid(struct slot *s)
{
	siginfo_t info;

	if (s->id == 0)
		fork_child(s);
	if (syscall(SYS_waitid, P_PID, s->id, &info, WEXITED, NULL) != 0)
		return -1;
	return info.si_pid == s->id && info.si_status == 0 ? 1 : -1;
}

static void make_fcntl_lock(struct slot *s)
{
	struct flock lock = { .l_type = F_WRLCK };

	s->id = memfd_create("lock", MFD_CLOEXEC);
	if (s->id < 0 || fcntl(s->id, F_SETLK, &lock) != 0)
		die("F_SETLK");
}

static long run_fcntl_lock(struct slot *s)
{
	struct flock lock = { .l_type = F_WRLCK };

	return syscall(SYS_fcntl, s->id, F_SETLKW, &lock);
}

static void finish_fcntl_lock(struct slot *s)
{
	struct flock lock = { .l_type = F_UNLCK };

	fcntl(s->id, F_SETLK, &lock);
}

/* These locks belong to what open() made: the worker opens the same file again. */
static void make_flock(struct slot *s)
{
	s->id = memfd_create("flock", MFD_CLOEXEC);
	if (s->id < 0 || flock(s->id, LOCK_EX) != 0)
		die("flock");
}

static long run_flock(struct slot *s)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->id);
	if (s->fds[0] == 0)
		s->fds[0] = open(path, O_RDWR | O_CLOEXEC);
	return syscall(SYS_flock, s->fds[0], LOCK_EX);
}

static void finish_flock(struct slot *s)
{
	flock(s->id, LOCK_UN);
}

const struct call ipc_calls[] = {
	{ "semop", SYS_semop, make_semaphore, run_semop, finish_semaphore, 0, 0, INTERRUPTED,
	  remove_semaphore },
	{ "semtimedop", SYS_semtimedop, make_semaphore, run_semtimedop, NULL, -1, EAGAIN,
	  INTERRUPTED, remove_semaphore },
	{ "msgrcv", SYS_msgrcv, make_queue, run_msgrcv, finish_msgrcv, 8, 0, RESTARTS,
	  remove_queue },
	{ "msgsnd", SYS_msgsnd, make_full_queue, run_msgsnd, finish_msgsnd, 0, 0, RESTARTS,
	  remove_queue },
	{ "wait4", SYS_wait4, make_pipe, run_wait4, finish_write, 1, 0, RESTARTS, NULL },
	{ "waitid", SYS_waitid, make_pipe, run_waitid, finish_write, 1, 0, RESTARTS, NULL },
	{ "fcntl-lock", SYS_fcntl, make_fcntl_lock, run_fcntl_lock, finish_fcntl_lock, 0, 0,
	  RESTARTS, NULL },
	{ "flock", SYS_flock, make_flock, run_flock, finish_flock, 0, 0, RESTARTS, NULL },
	{ 0 },
};
