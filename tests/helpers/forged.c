/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * forged MODE: a process that has received bytes which look like msealctl's own.  Prints "pid
 * PID" and "ready"; answers a line of input with "ok", or with the number of bytes that have
 * changed.  Ends with its input; status 0 if none has changed.
 *
 * A thread has a signal frame at its stack pointer, as msealctl writes it:
 * data: it computes, with the number of mseal(2) in the register of a call's number
 * registers: and with the address of the frame where msealctl puts its marks
 * call: it waits in read(2), with the same marks
 *
 * The lower end of [stack] seems to hold frames of earlier msealctls:
 * window: in a buffer of a function that is being executed
 * left: in what a function has left there
 */
#include <alloca.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "forged.h"
#include "signal-frame.h"

/* of src/tracer/rescue-frame.c */
#define WINDOW_SIZE 24576
#define WINDOWS 4
struct trailer {
	char mark[sizeof(SIGNAL_FRAME_MARK)];
	uint32_t frame_len, used_len;
};

#define BUFFER_SIZE ((size_t)512 * 1024)
#define MESSAGE_SIZE ((size_t)2048)

_Static_assert(MESSAGE_SIZE >= SIGNAL_FRAME_HEAD, "the beginning of a frame");

/* What there has to be, byte for byte, and where. */
static unsigned char *expected;
static volatile unsigned char *place;
static size_t length;

static const char *mode;
static struct forged_flags flags;
static int channel[2];
static pid_t thread_tid;

static void die(const char *what)
{
	fprintf(stderr, "forged: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Where the forged frame leads to. */
static void take_over(void)
{
	static const char text[] = "taken over\n";

	if (write(STDOUT_FILENO, text, sizeof(text) - 1) > 0)
		_exit(66);
	_exit(67);
}

static size_t count_changes(void)
{
	size_t changed = 0;

	for (size_t i = 0; i < length; i++)
		changed += place[i] != expected[i];
	return changed;
}

static void keep(volatile unsigned char *bytes, size_t len)
{
	place = bytes;
	length = len;
	expected = malloc(len);
	if (!expected)
		die("malloc");
	for (size_t i = 0; i < len; i++)
		expected[i] = bytes[i];
}

/* Until the end of input; with read(2), which needs little stack. */
static int answer(void)
{
	char line[64];
	ssize_t n;

	n = snprintf(line, sizeof(line), "pid %d\nready\n", getpid());
	while (write(STDOUT_FILENO, line, (size_t)n) == n &&
	       read(STDIN_FILENO, line, sizeof(line)) > 0) {
		size_t changed = count_changes();

		n = changed ? snprintf(line, sizeof(line), "%zu\n", changed) :
			      snprintf(line, sizeof(line), "ok\n");
	}
	return count_changes() > 0;
}

static void put(unsigned char *to, const void *address)
{
	memcpy(to, &address, sizeof(address));
}

/* The first bytes of a frame at BYTES, from which a thread goes to take_over(). */
static void forge_frame(unsigned char *bytes)
{
	static unsigned char stack[16384];

	memset(bytes, 0, MESSAGE_SIZE);
	memcpy(bytes + forged_layout.mark, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK));
	put(bytes + forged_layout.pc, (const void *)(uintptr_t)take_over);
	put(bytes + forged_layout.sp, stack + sizeof(stack) - 16);
}

static void *work(void *unused)
{
	/* the call of forged_read() pushes its return address right below the message */
	_Alignas(16) struct { unsigned char pushed[64], message[MESSAGE_SIZE]; } stack;
	unsigned char *message = stack.message;
	static char byte;

	thread_tid = gettid();
	forge_frame(message);
	keep(message, sizeof(stack.message));
	if (strcmp(mode, "data") == 0)
		forged_spin(message, 0, &flags);
	else if (strcmp(mode, "registers") == 0)
		forged_spin(message, (uintptr_t)message, &flags);
	else
		forged_read(message, (uintptr_t)message, &flags, channel[0], &byte);
	return unused;
}

static bool is_in_read(pid_t tid)
{
	char path[64], text[32] = "";
	FILE *file;
	bool is;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	file = fopen(path, "r");
	is = file && fgets(text, sizeof(text), file) && text[0] != 'r' && text[0] != '-' &&
	     strtol(text, NULL, 10) == SYS_read;
	if (file)
		fclose(file);
	return is;
}

static int run_thread(void)
{
	pthread_t thread;
	int status;

	if (pipe(channel) != 0 || pthread_create(&thread, NULL, work, NULL) != 0)
		die("thread");
	while (!flags.began || (strcmp(mode, "call") == 0 && !is_in_read(thread_tid)))
		sched_yield();
	status = answer();
	flags.ended = 1;
	if (write(channel[1], "", 1) != 1 || pthread_join(thread, NULL) != 0)
		die("thread");
	return status;
}

static uint64_t stack_start(void)
{
	unsigned long long start = 0;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[stack]"))
			start = strtoull(line, NULL, 16);
	if (maps)
		fclose(maps);
	if (start == 0)
		die("stack");
	return start;
}

static void forge_windows(unsigned char *buffer)
{
	const struct trailer trailer = {
		.mark = SIGNAL_FRAME_MARK, .frame_len = 1024, .used_len = 1024,
	};
	uint64_t start;

	memset(buffer, 0xab, BUFFER_SIZE);
	/* once more, as it may grow for the first */
	stack_start();
	start = stack_start();
	for (unsigned i = 0; i < WINDOWS; i++, start += WINDOW_SIZE) {
		unsigned char *window = (unsigned char *)(uintptr_t)start;

		if (window < buffer)
			continue;
		memset(window, 0, WINDOW_SIZE);
		memcpy(window + WINDOW_SIZE - sizeof(trailer), &trailer, sizeof(trailer));
	}
	keep(buffer, BUFFER_SIZE);
}

static __attribute__((noinline)) int use_buffer(bool stay)
{
	unsigned char *buffer = alloca(BUFFER_SIZE);

	forge_windows(buffer);
	return stay ? answer() : 0;
}

int main(int argc, char **argv)
{
	mode = argc == 2 ? argv[1] : "";
	if (strcmp(mode, "window") == 0)
		return use_buffer(true);
	if (strcmp(mode, "left") != 0)
		return run_thread();
	use_buffer(false);
	/* without what the calls that follow take */
	length -= BUFFER_SIZE / 4;
	return answer();
}
