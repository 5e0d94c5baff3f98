/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The calls of inflight.c: how each is made, how it is let end, what is to come of it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inflight.h"

static const struct timespec timeout = { TIMEOUT_MS / 1000, TIMEOUT_MS % 1000 * 1000000l };

long run_read(struct slot *s)
{
	char c;

	return syscall(SYS_read, s->fds[0], &c, 1);
}

static long run_nanosleep(struct slot *s)
{
	(void)s;
	return syscall(SYS_nanosleep, &timeout, NULL);
}

static long run_clock_nanosleep(struct slot *s)
{
	struct timespec end;

	(void)s;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += TIMEOUT_MS / 1000 + 1;
	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
}

static long run_poll(struct slot *s)
{
	struct pollfd fd = { .fd = s->fds[0], .events = POLLIN };

	return syscall(SYS_poll, &fd, 1, -1);
}

static long run_poll_timed(struct slot *s)
{
	struct pollfd fd = { .fd = s->fds[0], .events = POLLIN };

	return syscall(SYS_poll, &fd, 1, TIMEOUT_MS);
}

static long run_ppoll(struct slot *s)
{
	struct pollfd fd = { .fd = s->fds[0], .events = POLLIN };

	return syscall(SYS_ppoll, &fd, 1, NULL, NULL, 0);
}

static long run_select(struct slot *s)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(s->fds[0], &set);
	return syscall(SYS_select, s->fds[0] + 1, &set, NULL, NULL, NULL);
}

static long run_select_timed(struct slot *s)
{
	struct timeval tv = { TIMEOUT_MS / 1000, TIMEOUT_MS % 1000 * 1000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(s->fds[0], &set);
	return syscall(SYS_select, s->fds[0] + 1, &set, NULL, NULL, &tv);
}

static long run_futex(struct slot *s)
{
	return syscall(SYS_futex, &s->word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static long run_futex_timed(struct slot *s)
{
	return syscall(SYS_futex, &s->word, FUTEX_WAIT, 0, &timeout, NULL, 0);
}

static long wait_epoll(struct slot *s, int ms)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = epoll_create1(0);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, s->fds[0], &event) != 0)
		return -1;
	return syscall(SYS_epoll_wait, fd, &event, 1, ms);
}

static long run_epoll(struct slot *s)
{
	return wait_epoll(s, -1);
}

static long run_epoll_timed(struct slot *s)
{
	return wait_epoll(s, TIMEOUT_MS);
}

/* A signal that every thread has blocked, so that one can be waited for. */
static long wait_signal(int sig, const struct timespec *ts)
{
	unsigned long set = 1ul << (sig - 1);

	return syscall(SYS_rt_sigtimedwait, &set, NULL, ts, sizeof(set));
}

static long run_sigtimedwait(struct slot *s)
{
	(void)s;
	return wait_signal(SIGUSR1, &timeout);
}

static long run_sigwaitinfo(struct slot *s)
{
	(void)s;
	return wait_signal(SIGUSR2, NULL);
}

static long run_pause(struct slot *s)
{
	(void)s;
	return syscall(SYS_pause);
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

static long run_msgrcv(struct slot *s)
{
	struct { long type; char text[8]; } message;

	return syscall(SYS_msgrcv, s->id, &message, sizeof(message.text), 0, 0);
}

static long run_wait4(struct slot *s)
{
	return syscall(SYS_wait4, s->id, NULL, 0, NULL) == s->id ? 1 : -1;
}

static long run_accept(struct slot *s)
{
	return syscall(SYS_accept, s->id, NULL, NULL) >= 0 ? 1 : -1;
}

static long run_recv(struct slot *s)
{
	char c;

	return syscall(SYS_recvfrom, s->fds[0], &c, 1, 0, NULL, NULL);
}

static long run_recv_timed(struct slot *s)
{
	struct timeval tv = { TIMEOUT_MS / 1000, TIMEOUT_MS % 1000 * 1000 };

	setsockopt(s->fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return run_recv(s);
}

static long run_lock(struct slot *s)
{
	struct flock lock = { .l_type = F_WRLCK };

	return syscall(SYS_fcntl, s->id, F_SETLKW, &lock);
}

static void finish_write(struct slot *s)
{
	if (write(s->fds[1], "x", 1) != 1)
		die("write");
}

static void finish_futex(struct slot *s)
{
	syscall(SYS_futex, &s->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void finish_usr2(struct slot *s)
{
	syscall(SYS_tgkill, s->pid, s->tid, SIGUSR2);
}

/* SIGALRM has a handler, so pause() ends as the manual says: with EINTR. */
static void finish_alarm(struct slot *s)
{
	syscall(SYS_tgkill, s->pid, s->tid, SIGALRM);
}

static void finish_sem(struct slot *s)
{
	struct sembuf op = { .sem_op = 1 };

	semop(s->id, &op, 1);
}

static void finish_msg(struct slot *s)
{
	const struct { long type; char text[8]; } message = { 1, "message" };

	msgsnd(s->id, &message, sizeof(message.text), 0);
}

static void finish_connect(struct slot *s)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (getsockname(s->id, (struct sockaddr *)&addr, &len) != 0 ||
	    connect(fd, (struct sockaddr *)&addr, len) != 0)
		die("connect");
}

static void finish_unlock(struct slot *s)
{
	struct flock lock = { .l_type = F_UNLCK };

	fcntl(s->id, F_SETLK, &lock);
}

const struct call calls[] = {
	{ "read", SYS_read, run_read, finish_write, 1, 0 },
	{ "nanosleep", SYS_nanosleep, run_nanosleep, NULL, 0, 0 },
	{ "clock_nanosleep", SYS_clock_nanosleep, run_clock_nanosleep, NULL, 0, 0 },
	{ "poll", SYS_poll, run_poll, finish_write, 1, 0 },
	{ "poll-timed", SYS_poll, run_poll_timed, NULL, 0, 0 },
	{ "ppoll", SYS_ppoll, run_ppoll, finish_write, 1, 0 },
	{ "select", SYS_select, run_select, finish_write, 1, 0 },
	{ "select-timed", SYS_select, run_select_timed, NULL, 0, 0 },
	{ "futex", SYS_futex, run_futex, finish_futex, 0, 0 },
	{ "futex-timed", SYS_futex, run_futex_timed, NULL, -1, ETIMEDOUT },
	{ "epoll_wait", SYS_epoll_wait, run_epoll, finish_write, 1, 0 },
	{ "epoll_wait-timed", SYS_epoll_wait, run_epoll_timed, NULL, 0, 0 },
	{ "sigtimedwait", SYS_rt_sigtimedwait, run_sigtimedwait, NULL, -1, EAGAIN },
	{ "sigwaitinfo", SYS_rt_sigtimedwait, run_sigwaitinfo, finish_usr2, SIGUSR2, 0 },
	{ "pause", SYS_pause, run_pause, finish_alarm, -1, EINTR },
	{ "semop", SYS_semop, run_semop, finish_sem, 0, 0 },
	{ "semtimedop", SYS_semtimedop, run_semtimedop, NULL, -1, EAGAIN },
	{ "msgrcv", SYS_msgrcv, run_msgrcv, finish_msg, 8, 0 },
	{ "wait4", SYS_wait4, run_wait4, finish_write, 1, 0 },
	{ "accept", SYS_accept, run_accept, finish_connect, 1, 0 },
	{ "recv", SYS_recvfrom, run_recv, finish_write, 1, 0 },
	{ "recv-timed", SYS_recvfrom, run_recv_timed, NULL, -1, EAGAIN },
	{ "fcntl-lock", SYS_fcntl, run_lock, finish_unlock, 0, 0 },
};

const size_t call_count = sizeof(calls) / sizeof(calls[0]);

static int listening_socket(void)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* no more than the family: the kernel chooses an abstract name, unix(7) */
	if (fd < 0 || bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)) != 0 ||
	    listen(fd, 1) != 0)
		die("listen");
	return fd;
}

static int locked_file(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	int fd = memfd_create("lock", 0);

	if (fd < 0 || fcntl(fd, F_SETLK, &lock) != 0)
		die("lock");
	return fd;
}

/* In the parent, for both sides. */
void make_resources(struct slot *s)
{
	bool sockets = s->call->number == SYS_recvfrom;
	long nr = s->call->number;

	if (sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds) : pipe(s->fds))
		die("pipe");
	if (nr == SYS_semop || nr == SYS_semtimedop)
		s->id = semget(IPC_PRIVATE, 1, 0600);
	else if (nr == SYS_msgrcv)
		s->id = msgget(IPC_PRIVATE, 0600);
	else if (nr == SYS_accept)
		s->id = listening_socket();
	else if (nr == SYS_fcntl)
		s->id = locked_file();
	if (s->id < 0)
		die(s->call->name);
}

void remove_resources(const struct slot *s)
{
	long nr = s->call->number;

	if (nr == SYS_semop || nr == SYS_semtimedop)
		semctl(s->id, 0, IPC_RMID);
	else if (nr == SYS_msgrcv)
		msgctl(s->id, IPC_RMID, NULL);
}

/* The child that a slot waits for: it ends when it can read a byte. */
void fork_child(struct slot *s)
{
	pid_t pid;

	if (s->call->number != SYS_wait4)
		return;
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0) {
		s->id = pid;
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(run_read(s) == 1 ? 0 : 1);
}
