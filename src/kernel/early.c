/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The /init of an initramfs, for a kernel that cannot mount its root by itself:
 * loads /modules/1.ko, /modules/2.ko ..., mounts the 9p file system with the options
 * $MSEALCTL_ROOT, or the ext4 file system of $MSEALCTL_DISK, makes it the root, and becomes
 * $MSEALCTL_INIT.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void die(const char *what)
{
	int fd = open("/dev/console", O_WRONLY | O_NOCTTY);

	dprintf(fd, "early: %s: %s\n", what, strerror(errno));
	/* the kernel then panics, and panic=-1 ends the machine */
	_exit(1);
}

static void load_modules(void)
{
	char path[32];

	for (unsigned i = 1; ; i++) {
		int fd;

		snprintf(path, sizeof(path), "/modules/%u.ko", i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			return;
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST))
			die(path);
		close(fd);
	}
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		die("/dev/console");
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static int mount_root(void)
{
	const char *options = getenv("MSEALCTL_ROOT"), *disk = getenv("MSEALCTL_DISK");

	if (disk)
		return mount(disk, "/root", "ext4", 0, NULL);
	errno = EINVAL;
	return options ? mount("root", "/root", "9p", 0, options) : -1;
}

int main(int argc, char **argv)
{
	const char *init = getenv("MSEALCTL_INIT");

	(void)argc;
	if (mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL) != 0)
		die("/dev");
	open_console();
	load_modules();
	if (!init || mount_root() != 0)
		die("cannot mount the root");
	if (mount("/dev", "/root/dev", NULL, MS_MOVE, NULL) != 0 || chdir("/root") != 0 ||
	    mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
		die("cannot change the root");
	argv[0] = (char *)init;
	execv(init, argv);
	die(init);
}
