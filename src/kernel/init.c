/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The first process of the kernel that run.sh boots on the host's files.  It mounts
 * what programs expect, runs the script "command" beside itself on the console,
 * leaves its exit status in "status" and ends the machine.
 *
 * Linked statically, since the host's libraries need not be where ld.so looks.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <net/if.h>
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
	if (symlink("/proc/self/fd", "/dev/fd") != 0 && errno != EEXIST)
		complain("cannot make", "/dev/fd");
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

/* Lines that the command prints are to arrive as they are: no CR before LF, no echo. */
static void make_plain(int console)
{
	struct termios t;

	if (tcgetattr(console, &t) != 0)
		return;
	t.c_oflag &= ~(tcflag_t)OPOST;
	t.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(console, TCSANOW, &t);
}

/* Become the command: its own session on the console, or with no input. */
static void run_command(char *terminal, bool interactive)
{
	int input;

	setsid();
	input = open(interactive ? terminal : "/dev/null", O_RDWR);
	if (input < 0) {
		complain("cannot open", terminal);
		_exit(125);
	}
	dup2(input, STDIN_FILENO);
	if (interactive) {
		ioctl(input, TIOCSCTTY, 0);
		dup2(input, STDOUT_FILENO);
		dup2(input, STDERR_FILENO);
	} else {
		make_plain(STDOUT_FILENO);
	}
	close(input);
	execl("/bin/bash", "bash", "command", NULL);
	complain("cannot run", "/bin/bash");
	_exit(125);
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

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && strcmp(value, "yes") == 0;
}

/* Words NAME=VALUE of the kernel's command line, which it does not know, are in our environment. */
int main(int argc, char **argv)
{
	char *terminal = getenv("MSEALCTL_TERMINAL");
	pid_t child;

	(void)argc;
	mount_all();
	loopback_up();
	/* argv[0] is what "init=" on that line was */
	if (chdir(dirname(argv[0])) != 0)
		complain("cannot go to", argv[0]);
	child = fork();
	if (child == 0)
		run_command(terminal ? terminal : "/dev/console", is_set("MSEALCTL_INTERACTIVE"));
	write_status(child > 0 ? reap(child) : 125);
	kill(-1, SIGKILL);
	sync();
	/* a machine without ACPI can only be reset, which QEMU takes for its end */
	reboot(is_set("MSEALCTL_RESET") ? RB_AUTOBOOT : RB_POWER_OFF);
	complain("cannot end", "the machine");
	return 1;
}
