/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * inflight CALL... | all: a process with one thread blocked in each CALL (the first is
 * the main thread).  Prints "pid PID" and, once every thread is seen to be blocked,
 * "ready".  A line of input then lets all calls end as they should; prints "CALL ok" or
 * "CALL bad: ...", where bad is another result, an EINTR, or a return before its time.
 *
 * The calls are made in a child, so that nothing but them is in the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

#define CALLS_MAX 40
#define TIMEOUT_MS 2500
#define BLOCK_TRIES 10000	/* of 1 ms */

/* One call in flight: what it needs, made by the parent, and what came of it. */
struct slot {
	const struct call *call;
	int fds[2];		/* a pipe or a pair of sockets: [0] is waited on */
	int id;			/* of System V, or the pid to wait for */
	int word;		/* futex */
	volatile pid_t tid;
	volatile bool done;
	volatile long result;
	volatile int error;
	volatile long elapsed_ms;
};

struct call {
	const char *name;
	long number;
	long (*run)(struct slot *slot);
	void (*finish)(struct slot *slot);	/* NULL: the time ends it */
	long result;
	int error;
};

static const struct timespec timeout = { TIMEOUT_MS / 1000, TIMEOUT_MS % 1000 * 1000000l };
static struct slot *slots;
static size_t slot_count;
static pid_t worker;

static void die(const char *what)
{
	fprintf(stderr, "inflight: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long run_read(struct slot *s)
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
	syscall(SYS_tgkill, worker, s->tid, SIGUSR2);
}

/* SIGALRM has a handler, so pause() ends as the manual says: with EINTR. */
static void finish_alarm(struct slot *s)
{
	syscall(SYS_tgkill, worker, s->tid, SIGALRM);
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

static const struct call calls[] = {
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

#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))

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
static void make_resources(struct slot *s)
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

static void remove_resources(void)
{
	for (size_t i = 0; i < slot_count; i++) {
		long nr = slots[i].call->number;

		if (nr == SYS_semop || nr == SYS_semtimedop)
			semctl(slots[i].id, 0, IPC_RMID);
		else if (nr == SYS_msgrcv)
			msgctl(slots[i].id, IPC_RMID, NULL);
	}
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void *run_slot(void *data)
{
	struct slot *s = data;
	long began = now_ms();

	s->tid = (pid_t)syscall(SYS_gettid);
	s->result = s->call->run(s);
	s->error = s->result == -1 ? errno : 0;
	s->elapsed_ms = now_ms() - began;
	s->done = true;
	return NULL;
}

/* The child that a slot waits for: it ends when it can read a byte. */
static void fork_grandchild(struct slot *s)
{
	s->id = fork();
	if (s->id == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run_read(s) == 1 ? 0 : 1);
	}
}

static void ignore_signal(int sig)
{
	(void)sig;
}

static void be_worker(void)
{
	pthread_t threads[CALLS_MAX];
	sigset_t blocked;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, ignore_signal);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (size_t i = 0; i < slot_count; i++)
		if (slots[i].call->number == SYS_wait4)
			fork_grandchild(&slots[i]);
	for (size_t i = 1; i < slot_count; i++)
		if (pthread_create(&threads[i], NULL, run_slot, &slots[i]) != 0)
			die("pthread_create");
	run_slot(&slots[0]);
	for (size_t i = 1; i < slot_count; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

/* /proc/PID/task/TID/syscall begins with the number of the call that it is blocked in. */
static bool is_blocked(const struct slot *s)
{
	char path[96], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", worker, s->tid);
	f = s->tid ? fopen(path, "r") : NULL;
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return text[0] >= '0' && text[0] <= '9' && strtol(text, NULL, 10) == s->call->number;
}

static void wait_until_blocked(void)
{
	const struct timespec tick = { 0, 1000000 };

	for (size_t i = 0; i < slot_count; i++) {
		unsigned tries = 0;

		while (!is_blocked(&slots[i])) {
			if (++tries == BLOCK_TRIES)
				die(slots[i].call->name);
			nanosleep(&tick, NULL);
		}
	}
}

static bool print_result(const struct slot *s)
{
	const struct call *c = s->call;
	bool early = !c->finish && s->elapsed_ms < TIMEOUT_MS - 1;

	if (s->done && s->result == c->result && s->error == c->error && !early) {
		printf("%s ok\n", c->name);
		return true;
	}
	printf("%s bad: %s, result %ld, errno %s, after %ld ms\n", c->name,
	       s->done ? "returned" : "did not return", s->result,
	       s->error ? strerrorname_np(s->error) : "0", s->elapsed_ms);
	return false;
}

static int finish(void)
{
	bool good = true, returned[CALLS_MAX];
	int status;

	for (size_t i = 0; i < slot_count; i++)
		returned[i] = slots[i].call->finish && slots[i].done;
	for (size_t i = 0; i < slot_count; i++)
		if (slots[i].call->finish && !returned[i])
			slots[i].call->finish(&slots[i]);
	if (waitpid(worker, &status, 0) != worker)
		die("waitpid");
	for (size_t i = 0; i < slot_count; i++) {
		if (returned[i])
			printf("%s bad: returned before it was to\n", slots[i].call->name);
		good = print_result(&slots[i]) && !returned[i] && good;
	}
	if (WIFSIGNALED(status))
		printf("killed by signal %d\n", WTERMSIG(status));
	return good && status == 0 ? 0 : 1;
}

static void add_slots(const char *name)
{
	size_t before = slot_count;

	for (size_t i = 0; i < CALL_COUNT; i++) {
		if (strcmp(name, "all") != 0 && strcmp(name, calls[i].name) != 0)
			continue;
		if (slot_count == CALLS_MAX)
			break;
		slots[slot_count].call = &calls[i];
		make_resources(&slots[slot_count++]);
	}
	if (slot_count == before) {
		fprintf(stderr, "inflight: unknown call '%s'\n", name);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	int status = 1;
	char line[8];

	slots = mmap(NULL, CALLS_MAX * sizeof(*slots), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (slots == MAP_FAILED || argc < 2)
		die("usage: inflight CALL...");
	for (int i = 1; i < argc; i++)
		add_slots(argv[i]);
	worker = fork();
	if (worker == 0)
		be_worker();
	wait_until_blocked();
	printf("pid %d\nready\n", worker);
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin))
		status = finish();
	else
		kill(worker, SIGKILL);
	remove_resources();
	return status;
}
