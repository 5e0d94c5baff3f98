/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The first process of the kernel that run.sh boots on the host's files.  It mounts
 * what programs expect, runs the script "command" beside itself, leaves its exit status
 * in "status" and ends the machine.  The script has it run its last command.
 *
 * The command has the terminal MSEALCTL_TERMINAL if MSEALCTL_INTERACTIVE is "yes".  Else it
 * has pipes, whose other ends are relayed: its errors to that terminal, its output to
 * MSEALCTL_OUTPUT, or to that terminal, its input from MSEALCTL_INPUT, if there is one.
 *
 * Linked statically, since the host's libraries need not be where ld.so looks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "relay.h"

static void complain(const char *what, const char *name)
{
	dprintf(STDERR_FILENO, "init: %s %s: %s\n", what, name, strerror(errno));
}

static void mount_one(const char *type, const char *target)
{
	/* the kernel has mounted /dev itself */
	if (mkdir(target, 0755) != 0 && errno != EEXIST)
		complain("cannot make", target);
	else if (mount(type, target, type, MS_NOSUID, NULL) != 0 && errno != EBUSY)
		complain("cannot mount", target);
}

/* As udev has them; a file /dev/stderr would take in what is meant for the reader. */
static void link_streams(void)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (symlink(links[i][0], links[i][1]) != 0 && errno != EEXIST)
			complain("cannot make", links[i][1]);
}

static void mount_all(void)
{
	mount_one("proc", "/proc");
	mount_one("sysfs", "/sys");
	mount_one("devtmpfs", "/dev");
	mount_one("devpts", "/dev/pts");
	mount_one("tmpfs", "/dev/shm");
	mount_one("tmpfs", "/run");
	if (chmod("/dev/shm", 01777) != 0)
		complain("cannot open up", "/dev/shm");
	link_streams();
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* the user-mode kernel has no IPv4 */
	if (s < 0)
		return;
	if (ioctl(s, SIOCSIFFLAGS, &request) != 0)
		complain("cannot start", "lo");
	close(s);
}

static void become_command(void)
{
	execl("/bin/bash", "bash", "command", NULL);
	complain("cannot run", "/bin/bash");
	_exit(125);
}

/* Run the command in a session of its own on TERMINAL. */
static pid_t start_on(const char *terminal)
{
	pid_t child = fork();
	int fd;

	if (child != 0)
		return child;
	setsid();
	fd = open(terminal, O_RDWR);
	if (fd < 0) {
		complain("cannot open", terminal);
		_exit(125);
	}
	ioctl(fd, TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	close(fd);
	become_command();
	return -1;
}

/* One of the three standard streams of the command. */
struct stream {
	/* NULL is no input */
	const char *name;
	int port;
	/* of the pipe, that of the command and ours */
	int theirs, ours;
	pthread_t thread;
};

/* A terminal as a port for any bytes. */
static int open_port(const char *name)
{
	int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	if (fd < 0 || tcgetattr(fd, &t) != 0)
		return -1;
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	return tcsetattr(fd, TCSANOW, &t) == 0 ? fd : -1;
}

/* Copy IN to OUT until IN ends, or OUT takes no more. */
static void copy(int in, int out)
{
	uint8_t buffer[FRAME_MAX];
	ssize_t n;

	do
		n = read_some(in, buffer, sizeof(buffer));
	while (n > 0 && write_all(out, buffer, (size_t)n) == 0);
}

/* Ask PORT for frames, and write what they hold to OUT, until the last, or OUT takes no more. */
static void pull(int port, int out)
{
	uint8_t head[2], data[FRAME_MAX];
	size_t size;

	do {
		if (write_all(port, "?", 1) != 0 || read_all(port, head, sizeof(head)) != 0)
			return;
		size = head[0] + 256u * head[1];
		if (size > sizeof(data) || read_all(port, data, size) != 0)
			return;
	} while (size > 0 && write_all(out, data, size) == 0);
}

static bool open_stream(struct stream *s, bool is_input)
{
	int ends[2];

	if (!s->name) {
		s->theirs = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return s->theirs >= 0;
	}
	s->port = open_port(s->name);
	if (s->port < 0 || pipe2(ends, O_CLOEXEC) != 0) {
		complain("cannot open", s->name);
		return false;
	}
	s->theirs = ends[is_input ? 0 : 1];
	s->ours = ends[is_input ? 1 : 0];
	return true;
}

static void *relay_input(void *arg)
{
	struct stream *s = arg;

	pull(s->port, s->ours);
	close(s->ours);
	return NULL;
}

static void *relay_output(void *arg)
{
	struct stream *s = arg;

	copy(s->ours, s->port);
	tcdrain(s->port);
	return NULL;
}

static pid_t start_between(struct stream *streams)
{
	pid_t child;

	for (int i = 0; i < 3; i++)
		if (!open_stream(&streams[i], i == 0))
			return -1;
	child = fork();
	if (child == 0) {
		setsid();
		for (int i = 0; i < 3; i++)
			dup2(streams[i].theirs, i);
		become_command();
	}
	for (int i = 0; i < 3; i++) {
		struct stream *s = &streams[i];

		close(s->theirs);
		if (s->name && pthread_create(&s->thread, NULL,
					      i == 0 ? relay_input : relay_output, s) != 0)
			return -1;
	}
	return child;
}

/* Wait for CHILD, and for all whose parents have ended; the status as shells have it. */
static int reap(pid_t child)
{
	int status;

	for (;;) {
		pid_t pid = waitpid(-1, &status, 0);

		if (pid == child)
			break;
		if (pid < 0 && errno != EINTR)
			return 125;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void write_status(int status)
{
	FILE *f = fopen("status", "we");

	if (!f || fprintf(f, "%d\n", status) < 0 || fflush(f) != 0 || fsync(fileno(f)) != 0)
		complain("cannot write", "status");
	if (f)
		fclose(f);
}

/* The kernel says at its end that this is one, as loud as that of a panic. */
static void silence_kernel(void)
{
	FILE *f = fopen("/proc/sys/kernel/printk", "we");

	if (!f)
		return;
	fprintf(f, "0\n");
	fclose(f);
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && strcmp(value, "yes") == 0;
}

static int run_on(const char *terminal)
{
	pid_t child = start_on(terminal);

	return child > 0 ? reap(child) : 125;
}

static int run_between_ports(const char *terminal)
{
	const char *output = getenv("MSEALCTL_OUTPUT");
	struct stream streams[] = {
		{ .name = getenv("MSEALCTL_INPUT") },
		{ .name = output ? output : terminal },
		{ .name = terminal },
	};
	pid_t child = start_between(streams);
	int status;

	if (child <= 0)
		return 125;
	status = reap(child);
	/* the outputs end with all that have them open */
	kill(-1, SIGKILL);
	for (int i = 1; i < 3; i++)
		pthread_join(streams[i].thread, NULL);
	return status;
}

/* For the script: become a command, or say why not; the status as shells have it. */
static int run_words(char **words)
{
	execvp(words[0], words);
	dprintf(STDERR_FILENO, "run.sh: cannot run %s: %s\n", words[0], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}

/* Words NAME=VALUE of the kernel's command line, which it does not know, are in our environment. */
int main(int argc, char **argv)
{
	const char *terminal = getenv("MSEALCTL_TERMINAL");
	int status;

	if (getpid() != 1 && argc > 1)
		return run_words(argv + 1);
	mount_all();
	loopback_up();
	/* argv[0] is what "init=" on that line was */
	if (chdir(dirname(argv[0])) != 0)
		complain("cannot go to", argv[0]);
	if (!terminal)
		terminal = "/dev/console";
	status = is_set("MSEALCTL_INTERACTIVE") ? run_on(terminal) : run_between_ports(terminal);
	write_status(status);
	kill(-1, SIGKILL);
	sync();
	silence_kernel();
	/* a machine without ACPI can only be reset, which QEMU takes for its end */
	reboot(is_set("MSEALCTL_RESET") ? RB_AUTOBOOT : RB_POWER_OFF);
	complain("cannot end", "the machine");
	return 1;
}
