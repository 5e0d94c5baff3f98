/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Calls of inflight.c that wait for time, for files, for signals and for a futex. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inflight.h"

/* the sets of signals that the kernel knows, sizeof(sigset_t) to it */
#define KERNEL_SIGSET_SIZE sizeof(uint64_t)

/* i386 has had another select(2) first */
#if defined(SYS__newselect)
#define SYS_SELECT SYS__newselect
#elif defined(SYS_select)
#define SYS_SELECT SYS_select
#else
#define SYS_SELECT NO_CALL
#endif

const struct timespec timeout = { TIMEOUT_MS / 1000, TIMEOUT_MS % 1000 * 1000000l };
const struct timeval timeout_val = { TIMEOUT_MS / 1000, TIMEOUT_MS % 1000 * 1000 };

void make_pipe(struct slot *s)
{
	if (pipe2(s->fds, O_CLOEXEC) != 0)
		die("pipe");
}

long run_read(struct slot *s)
{
	char c;

	return syscall(SYS_read, s->fds[0], &c, 1);
}

/*
 * A call that the kernel restarts with the rest of its timeout, made as libc's wrappers
 * make it: with its number in the code right before it, where msealctl looks for it.
 */
#ifdef __x86_64__
#define CALL(number, a, b, c, d, sixth) __extension__ ({ \
	register long r10_ __asm__("r10") = (long)(d), r8_ __asm__("r8") = 0; \
	register long r9_ __asm__("r9") = (sixth); \
	long r_; \
\
	__asm__ volatile ("mov %[nr], %%eax\n\tsyscall" \
			  : "=a" (r_) \
			  : [nr] "i" (number), "D" ((long)(a)), "S" ((long)(b)), \
			    "d" ((long)(c)), "r" (r10_), "r" (r8_), "r" (r9_) \
			  : "rcx", "r11", "memory"); \
	result_of(r_); })
#elif defined(__i386__)
#define CALL(number, a, b, c, d, sixth) __extension__ ({ \
	const long sixth_ = (sixth); \
	long r_; \
\
	__asm__ volatile ("push %%ebp\n\tmov (%%eax), %%ebp\n\t" \
			  "mov %[nr], %%eax\n\tint $0x80\n\tpop %%ebp" \
			  : "=a" (r_) \
			  : [nr] "i" (number), "a" (&sixth_), "b" (a), "c" (b), "d" (c), \
			    "S" (d), "D" (0) \
			  : "memory"); \
	result_of(r_); })
#elif defined(__aarch64__) || defined(__riscv)
#ifdef __riscv
#define ARGUMENT(n) "a" #n
#define NUMBER "a7"
#define LOAD_AND_CALL "li a7, %[nr]\n\tecall"
#else
#define ARGUMENT(n) "x" #n
#define NUMBER "x8"
#define LOAD_AND_CALL "mov x8, %[nr]\n\tsvc #0"
#endif
#define CALL(number, a, b, c, d, sixth) __extension__ ({ \
	register long r0_ __asm__(ARGUMENT(0)) = (long)(a); \
	register long r1_ __asm__(ARGUMENT(1)) = (long)(b); \
	register long r2_ __asm__(ARGUMENT(2)) = (long)(c); \
	register long r3_ __asm__(ARGUMENT(3)) = (long)(d); \
	register long r4_ __asm__(ARGUMENT(4)) = 0; \
	register long r5_ __asm__(ARGUMENT(5)) = (sixth); \
\
	__asm__ volatile (LOAD_AND_CALL \
			  : "+r" (r0_) \
			  : [nr] "i" (number), "r" (r1_), "r" (r2_), "r" (r3_), "r" (r4_), \
			    "r" (r5_) \
			  : NUMBER, "memory"); \
	result_of(r0_); })
#else
#define CALL(number, a, b, c, d, sixth) \
	syscall(number, (long)(a), (long)(b), (long)(c), (long)(d), 0l, (long)(sixth))
#endif

#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) || defined(__riscv)
static long result_of(long r)
{
	if (r >= 0 || r < -4095)
		return r;
	errno = (int)-r;
	return -1;
}
#endif

static long run_nanosleep(struct slot *s)
{
	(void)s;
	return CALL(SYS_nanosleep, &timeout, NULL, 0, 0, 0);
}

static struct timespec time_of_end(clockid_t clock)
{
	struct timespec end;

	clock_gettime(clock, &end);
	end.tv_sec += timeout.tv_sec;
	end.tv_nsec += timeout.tv_nsec;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	return end;
}

static long run_clock_nanosleep(struct slot *s)
{
	const struct timespec end = time_of_end(CLOCK_MONOTONIC);

	(void)s;
	return CALL(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL, 0);
}

static long run_clock_nanosleep_relative(struct slot *s)
{
	(void)s;
	return CALL(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &timeout, NULL, 0);
}

static long poll_for(struct slot *s, int ms)
{
	struct pollfd fd = { .fd = s->fds[0], .events = POLLIN };

	return CALL(SYS_poll, &fd, 1, ms, 0, 0);
}

static long run_poll(struct slot *s)
{
	return poll_for(s, -1);
}

static long run_poll_timed(struct slot *s)
{
	return poll_for(s, TIMEOUT_MS);
}

static long ppoll_for(struct slot *s, const struct timespec *ts, const uint64_t *mask)
{
	struct pollfd fd = { .fd = s->fds[0], .events = POLLIN };

	return syscall(SYS_ppoll, &fd, 1, ts, mask, KERNEL_SIGSET_SIZE);
}

static long run_ppoll(struct slot *s)
{
	return ppoll_for(s, NULL, NULL);
}

static long run_ppoll_timed(struct slot *s)
{
	struct timespec rest = timeout;

	return ppoll_for(s, &rest, NULL);
}

static long run_ppoll_mask(struct slot *s)
{
	const uint64_t mask = 1ull << (SIGUSR1 - 1);
	struct timespec rest = timeout;

	return ppoll_for(s, &rest, &mask);
}

/* The kernel cannot write the rest of this timeout back, and gives up. */
static long run_ppoll_constant(struct slot *s)
{
	return ppoll_for(s, &timeout, NULL);
}

static long select_for(struct slot *s, struct timeval *tv)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(s->fds[0], &set);
	return syscall(SYS_SELECT, s->fds[0] + 1, &set, NULL, NULL, tv);
}

static long run_select(struct slot *s)
{
	return select_for(s, NULL);
}

static long run_select_timed(struct slot *s)
{
	struct timeval rest = timeout_val;

	return select_for(s, &rest);
}

static long pselect_for(struct slot *s, struct timespec *ts)
{
	const uint64_t mask = 1ull << (SIGUSR1 - 1);
	/* the sixth argument: address and size of the mask */
	const unsigned long argument[2] = { (unsigned long)&mask, KERNEL_SIGSET_SIZE };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(s->fds[0], &set);
	return syscall(SYS_pselect6, s->fds[0] + 1, &set, NULL, NULL, ts, argument);
}

static long run_pselect(struct slot *s)
{
	return pselect_for(s, NULL);
}

static long run_pselect_timed(struct slot *s)
{
	struct timespec rest = timeout;

	return pselect_for(s, &rest);
}

static int epoll_of(const struct slot *s)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, s->fds[0], &event) != 0)
		die("epoll");
	return fd;
}

static long epoll_for(struct slot *s, int ms)
{
	struct epoll_event event;
	int fd = epoll_of(s), error;
	long r = syscall(SYS_epoll_wait, fd, &event, 1, ms);

	error = errno;
	close(fd);
	errno = error;
	return r;
}

static long run_epoll(struct slot *s)
{
	return epoll_for(s, -1);
}

static long run_epoll_timed(struct slot *s)
{
	return epoll_for(s, TIMEOUT_MS);
}

static long run_epoll_pwait(struct slot *s)
{
	const uint64_t mask = 1ull << (SIGUSR1 - 1);
	struct epoll_event event;
	int fd = epoll_of(s), error;
	long r = syscall(SYS_epoll_pwait, fd, &event, 1, -1, &mask, KERNEL_SIGSET_SIZE);

	error = errno;
	close(fd);
	errno = error;
	return r;
}

static long run_epoll_pwait2(struct slot *s)
{
	const int64_t ts[2] = { timeout.tv_sec, timeout.tv_nsec };
	struct epoll_event event;
	int fd = epoll_of(s), error;
	long r = syscall(SYS_epoll_pwait2, fd, &event, 1, ts, NULL, KERNEL_SIGSET_SIZE);

	error = errno;
	close(fd);
	errno = error;
	return r;
}

/* It ends by a wake-up or, if it is made again after that, by the word, as every futex. */
static long run_futex(struct slot *s)
{
	long r = syscall(SYS_futex, &s->word, FUTEX_WAIT, 0, NULL, NULL, 0);

	return r == -1 && errno == EAGAIN && s->word == 1 ? 0 : r;
}

static long run_futex_timed(struct slot *s)
{
	return CALL(SYS_futex, &s->word, FUTEX_WAIT, 0, &timeout, 0);
}

static long run_futex_bitset(struct slot *s)
{
	const struct timespec end = time_of_end(CLOCK_MONOTONIC);

	return CALL(SYS_futex, &s->word, FUTEX_WAIT_BITSET, 0, &end, FUTEX_BITSET_MATCH_ANY);
}

/* A signal that every thread has blocked, so that one can be waited for. */
static long wait_signal(int sig, const struct timespec *ts)
{
	const uint64_t set = 1ull << (sig - 1);

	return syscall(SYS_rt_sigtimedwait, &set, NULL, ts, KERNEL_SIGSET_SIZE);
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

static long run_sigsuspend(struct slot *s)
{
	const uint64_t mask = 1ull << (SIGUSR1 - 1) | 1ull << (SIGUSR2 - 1);

	(void)s;
	return syscall(SYS_rt_sigsuspend, &mask, KERNEL_SIGSET_SIZE);
}

void finish_write(struct slot *s)
{
	if (write(s->fds[1], "x", 1) != 1)
		die("write");
}

static void finish_futex(struct slot *s)
{
	s->word = 1;
	syscall(SYS_futex, &s->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void finish_usr2(struct slot *s)
{
	syscall(SYS_tgkill, s->pid, s->tid, SIGUSR2);
}

/*
 * SIGALRM has a handler, so pause() ends as the manual says: with EINTR.  A call that is
 * about to be made again, after a stop, misses it, as one that has not yet been made does:
 * then there is another.  One that is not even handled is lost.
 */
static void finish_alarm(struct slot *s)
{
	unsigned sent = s->alarms;

	for (unsigned tries = 0; tries < END_TRIES && !s->done; tries++) {
		if (s->alarms == sent) {
			sent++;
			syscall(SYS_tgkill, s->pid, s->tid, SIGALRM);
		}
		nanosleep(&tick, NULL);
	}
}

#define NOTHING 0, 0
#define EXPIRES -1, ETIMEDOUT

const struct call wait_calls[] = {
	{ "nanosleep", SYS_nanosleep, NULL, run_nanosleep, NULL, NOTHING, RESTARTS, NULL },
	{ "clock_nanosleep", SYS_clock_nanosleep, NULL, run_clock_nanosleep, NULL, NOTHING,
	  RESTARTS, NULL },
	{ "clock_nanosleep-relative", SYS_clock_nanosleep, NULL, run_clock_nanosleep_relative,
	  NULL, NOTHING, RESTARTS, NULL },
	{ "read", SYS_read, make_pipe, run_read, finish_write, 1, 0, RESTARTS, NULL },
	{ "poll", SYS_poll, make_pipe, run_poll, finish_write, 1, 0, RESTARTS, NULL },
	{ "poll-timed", SYS_poll, make_pipe, run_poll_timed, NULL, NOTHING, RESTARTS, NULL },
	{ "ppoll", SYS_ppoll, make_pipe, run_ppoll, finish_write, 1, 0, RESTARTS, NULL },
	{ "ppoll-timed", SYS_ppoll, make_pipe, run_ppoll_timed, NULL, NOTHING, RESTARTS, NULL },
	{ "ppoll-mask", SYS_ppoll, make_pipe, run_ppoll_mask, NULL, NOTHING, RESTARTS, NULL },
	{ "ppoll-constant", SYS_ppoll, make_pipe, run_ppoll_constant, NULL, NOTHING, INTERRUPTED,
	  NULL },
	{ "select", SYS_SELECT, make_pipe, run_select, finish_write, 1, 0, RESTARTS, NULL },
	{ "select-timed", SYS_SELECT, make_pipe, run_select_timed, NULL, NOTHING, RESTARTS, NULL },
	{ "pselect", SYS_pselect6, make_pipe, run_pselect, finish_write, 1, 0, RESTARTS, NULL },
	{ "pselect-timed", SYS_pselect6, make_pipe, run_pselect_timed, NULL, NOTHING, RESTARTS,
	  NULL },
	{ "epoll_wait", SYS_epoll_wait, make_pipe, run_epoll, finish_write, 1, 0, INTERRUPTED,
	  NULL },
	{ "epoll_wait-timed", SYS_epoll_wait, make_pipe, run_epoll_timed, NULL, NOTHING,
	  INTERRUPTED, NULL },
	{ "epoll_pwait", SYS_epoll_pwait, make_pipe, run_epoll_pwait, finish_write, 1, 0,
	  INTERRUPTED, NULL },
	{ "epoll_pwait2", SYS_epoll_pwait2, make_pipe, run_epoll_pwait2, NULL, NOTHING,
	  INTERRUPTED, NULL },
	{ "futex", SYS_futex, NULL, run_futex, finish_futex, NOTHING, RESTARTS, NULL },
	{ "futex-timed", SYS_futex, NULL, run_futex_timed, NULL, EXPIRES, RESTARTS, NULL },
	{ "futex-bitset", SYS_futex, NULL, run_futex_bitset, NULL, EXPIRES, RESTARTS, NULL },
	{ "sigtimedwait", SYS_rt_sigtimedwait, NULL, run_sigtimedwait, NULL, -1, EAGAIN,
	  INTERRUPTED, NULL },
	{ "sigwaitinfo", SYS_rt_sigtimedwait, NULL, run_sigwaitinfo, finish_usr2, SIGUSR2, 0,
	  INTERRUPTED, NULL },
	{ "pause", SYS_pause, NULL, run_pause, finish_alarm, -1, EINTR, RESTARTS, NULL },
	{ "sigsuspend", SYS_rt_sigsuspend, NULL, run_sigsuspend, finish_alarm, -1, EINTR,
	  RESTARTS, NULL },
	{ 0 },
};
