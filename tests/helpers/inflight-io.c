/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Calls of inflight.c that wait for files of all kinds, and for sockets. */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "inflight.h"

static void make_full_pipe(struct slot *s)
{
	make_pipe(s);
	/* what is waited on is the other end */
	if (fcntl(s->fds[1], F_SETFL, O_NONBLOCK) != 0)
		die("O_NONBLOCK");
	while (write(s->fds[1], s->fds, 1) == 1)
		;
	fcntl(s->fds[1], F_SETFL, 0);
}

static void make_sockets(struct slot *s)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds) != 0)
		die("socketpair");
}

static void make_receive_timeout(struct slot *s)
{
	make_sockets(s);
	if (setsockopt(s->fds[0], SOL_SOCKET, SO_RCVTIMEO, &timeout_val, sizeof(timeout_val)) != 0)
		die("SO_RCVTIMEO");
}

/* A pair of sockets where nothing can be sent from the first. */
static void make_full_sockets(struct slot *s)
{
	const char bytes[4096] = "";

	make_sockets(s);
	while (send(s->fds[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void make_send_timeout(struct slot *s)
{
	make_full_sockets(s);
	if (setsockopt(s->fds[0], SOL_SOCKET, SO_SNDTIMEO, &timeout_val, sizeof(timeout_val)) != 0)
		die("SO_SNDTIMEO");
}

/* No more than the family: the kernel chooses an abstract name, unix(7). */
static void make_listener(struct slot *s)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };

	s->id = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->id < 0 || bind(s->id, (const struct sockaddr *)&any, sizeof(any.sun_family)) != 0 ||
	    listen(s->id, 0) != 0)
		die("listen");
}

static void make_listener_timeout(struct slot *s)
{
	make_listener(s);
	if (setsockopt(s->id, SOL_SOCKET, SO_RCVTIMEO, &timeout_val, sizeof(timeout_val)) != 0)
		die("SO_RCVTIMEO");
}

static long connect_to_listener(int fd, const struct slot *s)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	if (getsockname(s->id, (struct sockaddr *)&addr, &len) != 0)
		die("getsockname");
	return syscall(SYS_connect, fd, &addr, len);
}

/* A listener whose backlog is full, and a socket that will wait for it. */
static void make_busy_listener(struct slot *s)
{
	int fd;

	make_listener(s);
	do {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	} while (fd >= 0 && connect_to_listener(fd, s) == 0);
	s->fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || s->fds[0] < 0)
		die("socket");
	close(fd);
}

static void make_busy_listener_timeout(struct slot *s)
{
	make_busy_listener(s);
	if (setsockopt(s->fds[0], SOL_SOCKET, SO_SNDTIMEO, &timeout_val, sizeof(timeout_val)) != 0)
		die("SO_SNDTIMEO");
}

static void make_tty(struct slot *s)
{
	s->fds[1] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->fds[1] < 0 || grantpt(s->fds[1]) != 0 || unlockpt(s->fds[1]) != 0)
		die("pty");
	s->fds[0] = open(ptsname(s->fds[1]), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->fds[0] < 0)
		die("pty");
}

static void make_eventfd(struct slot *s)
{
	s->fds[0] = eventfd(0, EFD_CLOEXEC);
	if (s->fds[0] < 0)
		die("eventfd");
}

static void make_timerfd(struct slot *s)
{
	s->fds[0] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (s->fds[0] < 0)
		die("timerfd");
}

static void make_inotify(struct slot *s)
{
	char path[] = "/tmp/inflight.XXXXXX";

	s->fds[0] = inotify_init1(IN_CLOEXEC);
	s->fds[1] = mkstemp(path);
	if (s->fds[0] < 0 || s->fds[1] < 0 || inotify_add_watch(s->fds[0], path, IN_MODIFY) < 0)
		die("inotify");
	unlink(path);
}

/* No name is left of it, whatever ends us; it is opened by its place in /proc. */
static void make_fifo(struct slot *s)
{
	char path[64];

	snprintf(path, sizeof(path), "/tmp/inflight-fifo.%d", getpid());
	if (mkfifo(path, 0600) != 0)
		die(path);
	s->id = open(path, O_PATH | O_CLOEXEC);
	unlink(path);
	if (s->id < 0)
		die(path);
}

static void fifo_path(const struct slot *s, char path[64])
{
	snprintf(path, 64, "/proc/self/fd/%d", s->id);
}

static long run_write(struct slot *s)
{
	return syscall(SYS_write, s->fds[1], "x", 1);
}

static long run_read_count(struct slot *s)
{
	uint64_t count;

	return syscall(SYS_read, s->fds[0], &count, sizeof(count));
}

static long run_timerfd(struct slot *s)
{
	const struct itimerspec when = { .it_value = timeout };

	/* relative to now; it is the file that knows when, not the call */
	if (timerfd_settime(s->fds[0], 0, &when, NULL) != 0)
		die("timerfd_settime");
	return run_read_count(s);
}

static long run_inotify(struct slot *s)
{
	struct inotify_event event;

	return syscall(SYS_read, s->fds[0], &event, sizeof(event));
}

static long run_recv(struct slot *s)
{
	char c;

	return syscall(SYS_recvfrom, s->fds[0], &c, 1, 0, NULL, NULL);
}

static long run_recvmsg(struct slot *s)
{
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	return syscall(SYS_recvmsg, s->fds[0], &message, 0);
}

static long run_send(struct slot *s)
{
	return syscall(SYS_sendto, s->fds[0], "x", 1, 0, NULL, 0);
}

static long run_accept(struct slot *s)
{
	return syscall(SYS_accept, s->id, NULL, NULL) >= 0 ? 1 : -1;
}

static long run_connect(struct slot *s)
{
	return connect_to_listener(s->fds[0], s);
}

static long run_open(struct slot *s)
{
	char path[64];

	fifo_path(s, path);
	return syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) >= 0 ? 1 : -1;
}

/* A context belongs to the process that made it: the worker, at its first call. */
static void make_context(struct slot *s)
{
	if (s->context == 0 && syscall(SYS_io_setup, 4, &s->context) != 0)
		die("io_setup");
}

static long run_io_getevents_timed(struct slot *s)
{
	struct io_event event;

	make_context(s);
	return syscall(SYS_io_getevents, s->context, 1l, 1l, &event, &timeout);
}

static long run_io_getevents(struct slot *s)
{
	struct iocb readable = {
		.aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = (uint32_t)s->fds[0],
		.aio_buf = POLLIN,
	}, *const list[] = { &readable };
	struct io_event event;

	if (s->context == 0) {
		make_context(s);
		if (syscall(SYS_io_submit, s->context, 1l, list) != 1)
			die("io_submit");
	}
	return syscall(SYS_io_getevents, s->context, 1l, 1l, &event, NULL);
}

/* One request: report when the pipe can be read.  Rings as io_uring(7) describes them. */
static void submit_poll(struct slot *s)
{
	struct io_uring_params p = { 0 };
	struct io_uring_sqe *sqe;
	unsigned char *ring;

	s->id = (int)syscall(SYS_io_uring_setup, 4, &p);
	ring = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(unsigned),
		    PROT_READ | PROT_WRITE, MAP_SHARED, s->id, IORING_OFF_SQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, s->id,
		   IORING_OFF_SQES);
	if (s->id < 0 || ring == MAP_FAILED || (void *)sqe == MAP_FAILED)
		die("io_uring_setup");
	*sqe = (struct io_uring_sqe){
		.opcode = IORING_OP_POLL_ADD, .fd = s->fds[0], .poll32_events = POLLIN,
	};
	*(unsigned *)(void *)(ring + p.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(void *)(ring + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, s->id, 1, 0, 0, NULL, 0) != 1)
		die("io_uring_enter");
}

static void make_ring_pipe(struct slot *s)
{
	/* not allowed, or not there: io_uring_disabled of sysctl, or a sandbox */
	if (syscall(SYS_io_uring_setup, 0, NULL) == -1 && (errno == ENOSYS || errno == EPERM))
		s->call = NULL;
	else
		make_pipe(s);
}

static void make_aio_pipe(struct slot *s)
{
	if (syscall(SYS_io_setup, 0, NULL) == -1 && errno == ENOSYS)
		s->call = NULL;
	else
		make_pipe(s);
}

static long run_io_uring(struct slot *s)
{
	if (s->id == 0)
		submit_poll(s);
	return syscall(SYS_io_uring_enter, s->id, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}

static void finish_read(struct slot *s)
{
	char bytes[4096];

	if (read(s->fds[0], bytes, sizeof(bytes)) <= 0)
		die("read");
}

/* Until there is room: a stream wakes its writer when half of its buffer is free. */
static void finish_receive(struct slot *s)
{
	char bytes[65536];

	while (recv(s->fds[1], bytes, sizeof(bytes), MSG_DONTWAIT) > 1)
		;
}

static void finish_line(struct slot *s)
{
	if (write(s->fds[1], "\n", 1) != 1)
		die("write");
}

static void finish_count(struct slot *s)
{
	const uint64_t one = 1;

	if (write(s->fds[0], &one, sizeof(one)) != sizeof(one))
		die("write");
}

static void finish_accept(struct slot *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect_to_listener(fd, s) != 0)
		die("connect");
}

static void finish_connect(struct slot *s)
{
	if (accept(s->id, NULL, NULL) < 0)
		die("accept");
}

static void finish_open(struct slot *s)
{
	char path[64];

	fifo_path(s, path);
	/* for both, so that it does not wait itself */
	if (open(path, O_RDWR | O_CLOEXEC) < 0)
		die(path);
}

#define TRIES_AGAIN -1, EAGAIN

const struct call io_calls[] = {
	{ "write", SYS_write, make_full_pipe, run_write, finish_read, 1, 0, RESTARTS, NULL },
	{ "read-socket", SYS_read, make_sockets, run_read, finish_write, 1, 0, RESTARTS, NULL },
	{ "read-socket-timed", SYS_read, make_receive_timeout, run_read, NULL, TRIES_AGAIN,
	  INTERRUPTED, NULL },
	{ "read-tty", SYS_read, make_tty, run_read, finish_line, 1, 0, RESTARTS, NULL },
	{ "read-eventfd", SYS_read, make_eventfd, run_read_count, finish_count, 8, 0, RESTARTS,
	  NULL },
	{ "read-timerfd", SYS_read, make_timerfd, run_timerfd, NULL, 8, 0, RESTARTS, NULL },
	{ "read-inotify", SYS_read, make_inotify, run_inotify, finish_write,
	  sizeof(struct inotify_event), 0, RESTARTS, NULL },
	{ "recv", SYS_recvfrom, make_sockets, run_recv, finish_write, 1, 0, RESTARTS, NULL },
	{ "recv-timed", SYS_recvfrom, make_receive_timeout, run_recv, NULL, TRIES_AGAIN,
	  INTERRUPTED, NULL },
	{ "recvmsg-timed", SYS_recvmsg, make_receive_timeout, run_recvmsg, NULL, TRIES_AGAIN,
	  INTERRUPTED, NULL },
	{ "send", SYS_sendto, make_full_sockets, run_send, finish_receive, 1, 0, RESTARTS, NULL },
	{ "send-timed", SYS_sendto, make_send_timeout, run_send, NULL, TRIES_AGAIN, INTERRUPTED,
	  NULL },
	{ "accept", SYS_accept, make_listener, run_accept, finish_accept, 1, 0, RESTARTS, NULL },
	{ "accept-timed", SYS_accept, make_listener_timeout, run_accept, NULL, TRIES_AGAIN,
	  INTERRUPTED, NULL },
	{ "connect", SYS_connect, make_busy_listener, run_connect, finish_connect, 0, 0, RESTARTS,
	  NULL },
	{ "connect-timed", SYS_connect, make_busy_listener_timeout, run_connect, NULL, TRIES_AGAIN,
	  INTERRUPTED, NULL },
	{ "open-fifo", SYS_openat, make_fifo, run_open, finish_open, 1, 0, RESTARTS, NULL },
	{ "io_getevents", SYS_io_getevents, make_aio_pipe, run_io_getevents, finish_write, 1, 0,
	  INTERRUPTED, NULL },
	{ "io_getevents-timed", SYS_io_getevents, make_aio_pipe, run_io_getevents_timed, NULL, 0, 0,
	  INTERRUPTED, NULL },
	{ "io_uring_enter", SYS_io_uring_enter, make_ring_pipe, run_io_uring, finish_write, 0, 0,
	  INTERRUPTED, NULL },
	{ 0 },
};
