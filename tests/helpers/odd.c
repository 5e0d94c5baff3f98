/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * odd STATE [ARGUMENT]: a process in a state that few tools expect; see the table at
 * the end.  Prints "pid PID", "text START END" (a page of its code) and "ready";
 * answers a line of input with "text ok" or "text ERRNO", the result of giving the
 * page the protection that it has; ends at the end of input, with status 0 if all is
 * as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE ((size_t)sysconf(_SC_PAGESIZE))
#define EXECS_MIN 5
#define EXECS_BEFORE_REST 100
#define STACK_SIZE (64 * 1024)

static const char *argument;
static volatile sig_atomic_t handled, waiting;

static void die(const char *what)
{
	fprintf(stderr, "odd: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *own_page(void)
{
	return (void *)((uintptr_t)own_page & ~(PAGE - 1));
}

static void be_ready(void)
{
	char *page = own_page();

	printf("pid %d\ntext %p %p\nready\n", getpid(), (void *)page, (void *)(page + PAGE));
	fflush(stdout);
}

static void serve(void)
{
	char line[16];

	be_ready();
	while (fgets(line, sizeof(line), stdin)) {
		if (mprotect(own_page(), PAGE, PROT_READ | PROT_EXEC) == 0)
			puts("text ok");
		else
			printf("text %s\n", strerrorname_np(errno));
		fflush(stdout);
	}
}

static pthread_t start_thread(void *(*run)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL) != 0)
		die("pthread_create");
	return thread;
}

static void *serve_and_exit(void *unused)
{
	serve();
	exit(0);
	return unused;
}

/* The first thread has ended, the process has not. */
static int be_zombie_leader(void)
{
	start_thread(serve_and_exit);
	syscall(SYS_exit, 0);
	return 1;
}

static bool input_ended(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };

	return poll(&input, 1, 0) != 0;
}

static pthread_attr_t detached;

/* It starts the next one, and ends. */
static void *hand_over(void *unused)
{
	pthread_t next;

	if (input_ended())
		exit(0);
	usleep(0);
	while (pthread_create(&next, &detached, hand_over, NULL) != 0)
		sched_yield();
	return unused;
}

static void start_relay(void)
{
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	be_ready();
	start_thread(hand_over);
}

/* The first thread has ended; the others live for less time than it takes to look at them. */
static int be_relay(void)
{
	start_relay();
	syscall(SYS_exit, 0);
	return 1;
}

/* The first thread waits beside them. */
static int have_relay(void)
{
	start_relay();
	pause();
	return 1;
}

/* A child that starts another one every few milliseconds, and ends; that goes on instead. */
static int have_flight(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	pid_t child = fork();

	while (child == 0 && !input_ended()) {
		usleep(3000);
		if (fork() > 0)
			break;
	}
	if (child == 0)
		_exit(0);
	be_ready();
	return poll(&input, 1, -1) == 1 ? 0 : 1;
}

static unsigned execs;
static bool rests;

static void *exec_again(void *unused)
{
	char number[16];

	if (rests ? execs >= EXECS_BEFORE_REST : execs >= EXECS_MIN && input_ended()) {
		printf("%u execs\n", execs);
		if (rests)
			serve();
		exit(0);
	}
	snprintf(number, sizeof(number), "%u", execs + 1);
	execl("/proc/self/exe", "odd", rests ? "rests" : "execs", number, NULL);
	return unused;
}

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* A thread that is not the first replaces the program, over and over; the others end by it. */
static int be_execs(void)
{
	for (int i = 0; i < 30; i++)
		start_thread(idle);
	execs = argument ? (unsigned)atoi(argument) : 0;
	if (execs == 0)
		be_ready();
	start_thread(exec_again);
	for (;;)
		pause();
	return 1;
}

/* The same, until it has done so often enough. */
static int be_rests(void)
{
	rests = true;
	return be_execs();
}

static char state_in_proc(pid_t pid, pid_t tid)
{
	char path[64], text[256] = "", *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	f = fopen(path, "r");
	if (!f || !fgets(text, sizeof(text), f))
		die(path);
	fclose(f);
	end = strrchr(text, ')');
	return end ? end[2] : '?';
}

static volatile pid_t idle_thread;

static void *idle_with_tid(void *unused)
{
	idle_thread = gettid();
	return idle(unused);
}

/* The tracer of a thread, which reaps it only when this ends, with the input. */
static void hold_thread(pid_t pid, pid_t tid, int ready)
{
	char c;

	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) != 0 || write(ready, "x", 1) != 1)
		die("PTRACE_SEIZE");
	while (state_in_proc(pid, tid) != 'Z')
		sched_yield();
	printf("pid %d\nready\n", pid);
	fflush(stdout);
	while (read(0, &c, 1) == 1)
		;
	_exit(0);
}

/* An execve() that waits in the kernel for a thread that another tracer does not reap. */
static int be_held_exec(void)
{
	pid_t pid = getpid(), tracer = -1;
	int fds[2], status;
	char c;

	if (argument)
		return wait(&status) > 0 && status == 0 ? 0 : 1;
	start_thread(idle_with_tid);
	while (idle_thread == 0)
		sched_yield();
	if (pipe(fds) != 0 || (tracer = fork()) < 0)
		die("fork");
	if (tracer == 0)
		hold_thread(pid, idle_thread, fds[1]);
	prctl(PR_SET_PTRACER, tracer);
	close(fds[1]);
	if (read(fds[0], &c, 1) == 1)
		execl("/proc/self/exe", "odd", "held-exec", "done", NULL);
	return 1;
}

static volatile unsigned outsider_rounds;

static int be_outsider(void *unused)
{
	const struct timespec tick = { 0, 100000 };

	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		outsider_rounds++;
		syscall(SYS_nanosleep, &tick, NULL);
	}
	return 0;
}

/* Another process uses the same memory and is no thread of this one. */
static int have_outsider(void)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	pid_t pid = stack == MAP_FAILED ? -1 :
		    clone(be_outsider, stack + STACK_SIZE, CLONE_VM | SIGCHLD, NULL);
	unsigned before;
	int status;

	if (pid < 0)
		die("clone");
	printf("outsider %d 0\n", pid);
	serve();
	before = outsider_rounds;
	while (outsider_rounds < before + 3)
		if (waitpid(pid, &status, WNOHANG) != 0)
			return 1;
	kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? 0 : 1;
}

static int spawn_error = -1;
static volatile pid_t spawner;

static void *spawn_behind_fifo(void *unused)
{
	posix_spawn_file_actions_t actions;
	char *const argv[] = { (char[]){ "true" }, NULL };
	pid_t pid = 0;

	spawner = gettid();
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, argument, O_RDONLY, 0);
	spawn_error = posix_spawnp(&pid, "true", &actions, NULL, argv, environ);
	if (spawn_error == 0 && waitpid(pid, &spawn_error, 0) != pid)
		spawn_error = errno;
	return unused;
}

/* A thread is in vfork(), where it stays until the FIFO that its child opens has a writer. */
static int have_vfork_parent(void)
{
	pthread_t thread = start_thread(spawn_behind_fifo);
	int fd;

	while (spawner == 0 || state_in_proc(getpid(), spawner) != 'D')
		sched_yield();
	serve();
	fd = open(argument, O_WRONLY);
	pthread_join(thread, NULL);
	return fd >= 0 && spawn_error == 0 ? 0 : 1;
}

/* No more than read, write, exit and sigreturn: seccomp(2). */
static int be_strict(void)
{
	char c;

	be_ready();
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
		die("seccomp");
	if (write(1, "strict\n", 7) != 7)
		syscall(SYS_exit, 1);
	while (read(0, &c, 1) == 1)
		;
	syscall(SYS_exit, 0);
	return 1;
}

static void *read_strictly(void *fds)
{
	char c;

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
		die("seccomp");
	/* glibc ends a thread with calls that are not allowed */
	syscall(SYS_exit, read(((int *)fds)[0], &c, 1) == 1 ? 0 : 1);
	return NULL;
}

/* Only a thread is in that mode; others could make any call. */
static int have_strict_thread(void)
{
	pthread_t thread;
	int fds[2];

	if (pipe(fds) != 0 || pthread_create(&thread, NULL, read_strictly, fds) != 0)
		die("a strict thread");
	serve();
	return write(fds[1], "x", 1) == 1 ? pthread_join(thread, NULL) : 1;
}

static int be_undumpable(void)
{
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		die("PR_SET_DUMPABLE");
	serve();
	return prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1;
}

static void handle(int sig)
{
	(void)sig;
	handled++;
}

/* A mask of its own, and a signal that waits for it. */
static void *wait_with_signals(void *unused)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 3);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_kill(pthread_self(), SIGUSR2);
	pthread_kill(pthread_self(), SIGRTMIN + 3);
	waiting = 1;
	for (;;)
		pause();
	return unused;
}

/* Signals that are pending for the process and for a thread; SIGTRAP as ARGUMENT says. */
static int have_signals(void)
{
	bool ignored = strcmp(argument, "ignored") == 0, blocked = strcmp(argument, "blocked") == 0;
	sigset_t set;

	signal(SIGTRAP, ignored ? SIG_IGN : blocked ? SIG_DFL : handle);
	signal(SIGUSR1, handle);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 1);
	if (blocked)
		sigaddset(&set, SIGTRAP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	start_thread(wait_with_signals);
	kill(getpid(), SIGUSR1);
	if (blocked)
		raise(SIGTRAP);
	while (!waiting)
		sched_yield();
	serve();
	if (handled > 0)
		return 1;
	raise(SIGTRAP);
	sigpending(&set);
	if (blocked)
		return sigismember(&set, SIGTRAP) && handled == 0 ? 0 : 1;
	return handled == !ignored ? 0 : 1;
}

static const struct state {
	const char *name;
	int (*be)(void);
} states[] = {
	{ "execs", be_execs },
	{ "rests", be_rests },
	{ "held-exec", be_held_exec },
	{ "flight", have_flight },
	{ "outsider", have_outsider },
	{ "relay", be_relay },
	{ "relay-beside", have_relay },
	{ "signals", have_signals },
	{ "strict", be_strict },
	{ "strict-thread", have_strict_thread },
	{ "undumpable", be_undumpable },
	{ "vfork", have_vfork_parent },
	{ "zombie-leader", be_zombie_leader },
};

int main(int argc, char **argv)
{
	argument = argc > 2 ? argv[2] : NULL;
	for (size_t i = 0; argc > 1 && i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(argv[1], states[i].name) == 0)
			return states[i].be();
	fputs("usage: odd STATE [ARGUMENT]\n", stderr);
	return 2;
}
