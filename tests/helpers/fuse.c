/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * fuse DIR CALL: mount a FUSE file system at DIR, in a mount namespace of its own, whose
 * server answers EINTR when a request is interrupted; and have a child make CALL there.
 * Prints the "pid PID" of the child, and "ready" when its request is waiting.  At the end
 * of input the request is answered.  Status 0 if the call then succeeds; 2 if it was never
 * interrupted, which would prove nothing.  The call "execute" cannot be: an execve(2) that
 * waits for an asynchronous read.
 *
 * fuse DIR run COMMAND...: run COMMAND there.  All files have the same bytes, which can be
 * written; but once they were cut to one page, no read is answered any more.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fuse.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT 1
#define FILE_NODE 2

static char path[4096], directory[4000];

/* What the files have, after "run". */
static char bytes[2 * 4096];
static size_t size = 1;
static bool was_cut;

static void die(const char *what)
{
	fprintf(stderr, "fuse: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_file(void)
{
	return open(path, O_RDWR | O_CLOEXEC);
}

static int call_open(void)
{
	return open_file() < 0 ? -1 : 0;
}

static int call_stat(void)
{
	struct stat st;

	return stat(path, &st);
}

static int call_access(void)
{
	return access(path, R_OK);
}

static int call_fsync(void)
{
	return fsync(open_file());
}

static int call_pread(void)
{
	char c;

	return pread(open_file(), &c, 1, 0) == 1 ? 0 : -1;
}

static int call_getdents(void)
{
	DIR *dir = opendir(directory);

	errno = 0;
	return dir && (readdir(dir) || errno == 0) ? 0 : -1;
}

static int call_mkdir(void)
{
	return mkdir(path, 0755);
}

static int call_close(void)
{
	return close(open_file());
}

static void *wait_for_end(void *unused)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		continue;
	_exit(0);
	return unused;
}

/* The first thread closes the file when it exits, after it has let go of its memory. */
static int call_exit(void)
{
	pthread_t thread;

	/* the thread shares nothing with the first one but its memory and standard input */
	if (pthread_create(&thread, NULL, wait_for_end, NULL) != 0 ||
	    unshare(CLONE_FILES) != 0 || open_file() < 0)
		return -1;
	syscall(SYS_exit, 0);
	return -1;
}

/* It is never made again: the failure is seen once attach has ended. */
static int call_ioctl(void)
{
	char c;
	int r = ioctl(open_file(), _IO('m', 1)), error = errno;

	while (r < 0 && read(STDIN_FILENO, &c, 1) > 0)
		continue;
	errno = error;
	return r;
}

static int call_execute(void)
{
	static _Alignas(4096) char page[4096];
	struct iocb read_page = {
		.aio_lio_opcode = IOCB_CMD_PREAD, .aio_buf = (uintptr_t)page,
		.aio_nbytes = sizeof(page),
	}, *reads[] = { &read_page };
	aio_context_t context = 0;
	int fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);

	read_page.aio_fildes = (uint32_t)fd;
	if (fd >= 0 && syscall(SYS_io_setup, 1, &context) == 0 &&
	    syscall(SYS_io_submit, context, 1, reads) == 1)
		execl("/bin/true", "true", NULL);
	return -1;
}

static const struct call {
	const char *name;
	uint32_t opcode;	/* of the request that has to wait */
	int (*run)(void);
} calls[] = {
	{ "open", FUSE_OPEN, call_open },
	{ "stat", FUSE_GETATTR, call_stat },
	{ "access", FUSE_ACCESS, call_access },
	{ "fsync", FUSE_FSYNC, call_fsync },
	{ "pread", FUSE_READ, call_pread },
	{ "getdents", FUSE_READDIR, call_getdents },
	{ "mkdir", FUSE_MKDIR, call_mkdir },
	{ "close", FUSE_FLUSH, call_close },
	{ "ioctl", FUSE_IOCTL, call_ioctl },
	{ "exit", FUSE_FLUSH, call_exit },
	{ "execute", FUSE_READ, call_execute },
};

static int device;
static uint64_t waiting;	/* the request that is not answered yet; 0: none */

static void answer(uint64_t unique, int error, const void *body, size_t len)
{
	char out[sizeof(struct fuse_out_header) + sizeof(bytes)];
	const struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + len), .error = error, .unique = unique,
	};

	memcpy(out, &head, sizeof(head));
	if (len > 0)
		memcpy(out + sizeof(head), body, len);
	/* ENOENT: it is gone, since its caller was killed */
	if (write(device, out, head.len) != (ssize_t)head.len && errno != ENOENT)
		die("write");
}

static struct fuse_attr attr_of(uint64_t node)
{
	return (struct fuse_attr){
		.ino = node, .mode = node == ROOT ? S_IFDIR | 0755 : S_IFREG | 0644,
		.nlink = 1, .size = size,
	};
}

/* Answer a request as soon as it comes, or when it need wait no longer. */
static void serve(uint32_t opcode, uint64_t unique, uint64_t node, bool is_mkdir)
{
	const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096, .flags = FUSE_ASYNC_DIO,
	};
	const struct fuse_open_out opened = { .open_flags = FOPEN_DIRECT_IO };
	const struct fuse_ioctl_out done = { .result = 0 };
	/* attributes are valid for no time, so that each stat(2) asks */
	const struct fuse_attr_out attr = { .attr = attr_of(node) };
	struct fuse_entry_out entry = {
		.nodeid = FILE_NODE, .entry_valid = 3600, .attr = attr_of(FILE_NODE),
	};

	switch (opcode) {
	case FUSE_INIT:
		answer(unique, 0, &init, sizeof(init));
		break;
	case FUSE_MKDIR:
		entry.attr.mode = S_IFDIR | 0755;
		answer(unique, 0, &entry, sizeof(entry));
		break;
	case FUSE_LOOKUP:
		answer(unique, is_mkdir ? -ENOENT : 0, &entry, is_mkdir ? 0 : sizeof(entry));
		break;
	case FUSE_GETATTR:
		answer(unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer(unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		answer(unique, 0, "x", 1);
		break;
	case FUSE_IOCTL:
		answer(unique, 0, &done, sizeof(done));
		break;
	case FUSE_GETXATTR:
		answer(unique, -ENOSYS, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break;
	default:
		answer(unique, 0, NULL, 0);
	}
}

/* The same for the requests that have to do with bytes; BODY is what came with it. */
static void serve_bytes(const struct fuse_in_header *head, const char *body)
{
	const struct fuse_open_out opened = { .fh = 0 };
	struct fuse_attr_out attr;
	struct fuse_write_in in;
	struct fuse_setattr_in set;
	struct fuse_write_out written;

	switch (head->opcode) {
	case FUSE_OPEN:
		answer(head->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_SETATTR:
		memcpy(&set, body, sizeof(set));
		if ((set.valid & FATTR_SIZE) && set.size <= sizeof(bytes)) {
			was_cut = was_cut || set.size < size;
			size = set.size;
		}
		attr = (struct fuse_attr_out){ .attr = attr_of(head->nodeid) };
		answer(head->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_WRITE:
		memcpy(&in, body, sizeof(in));
		written = (struct fuse_write_out){ .size = in.size };
		if (in.offset + in.size <= sizeof(bytes))
			memcpy(bytes + in.offset, body + sizeof(in), in.size);
		answer(head->unique, 0, &written, sizeof(written));
		break;
	case FUSE_READ:
		/* at the same place, fuse_read_in has what fuse_write_in has */
		memcpy(&in, body, sizeof(struct fuse_read_in));
		if (!was_cut)
			answer(head->unique, 0, bytes + in.offset, in.offset + in.size > size ?
			       size - in.offset : in.size);
		break;
	default:
		serve(head->opcode, head->unique, head->nodeid, false);
	}
}

static int run_command(char **command)
{
	static char in[FUSE_MIN_READ_BUFFER + 4096];
	struct fuse_in_header head;
	pid_t child = fork();
	struct pollfd fds[] = {
		{ .fd = device, .events = POLLIN },
		{ .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN },
	};
	int status;

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv(command[0], command);
		_exit(127);
	}
	while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
		if (read(device, in, sizeof(in)) < (ssize_t)sizeof(head))
			continue;
		memcpy(&head, in, sizeof(head));
		serve_bytes(&head, in + sizeof(head));
	}
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}

static pid_t run_call(const struct call *call)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child > 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(device);
	if (call->run() == 0)
		_exit(0);
	fprintf(stderr, "fuse: %s: %s\n", call->name, strerror(errno));
	_exit(1);
}

static void mount_there(const char *dir)
{
	char options[128];

	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		die("/dev/fuse");
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		die("unshare");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%d,group_id=%d", device,
		 getuid(), getgid());
	if (mount("fuse", dir, "fuse", MS_NOSUID | MS_NODEV, options) != 0)
		die(dir);
	snprintf(directory, sizeof(directory), "%s", dir);
	snprintf(path, sizeof(path), "%s/file", directory);
}

/* Serve until CHILD has ended; the number of interrupts. */
static int serve_all(const struct call *call, pid_t child)
{
	struct pollfd fds[] = {
		{ .fd = device, .events = POLLIN },
		{ .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	bool hold = true, is_mkdir = call->opcode == FUSE_MKDIR;
	static char in[FUSE_MIN_READ_BUFFER + 4096];
	struct fuse_interrupt_in interrupt;
	struct fuse_in_header head;
	uint64_t node = 0;
	int interrupts = 0;

	for (;;) {
		if (poll(fds, hold ? 3 : 2, -1) < 0)
			die("poll");
		if (fds[1].revents)
			return interrupts;
		if (hold && fds[2].revents) {
			hold = false;
			if (waiting)
				serve(call->opcode, waiting, node, is_mkdir);
		}
		if (!fds[0].revents || read(device, in, sizeof(in)) < (ssize_t)sizeof(head))
			continue;
		memcpy(&head, in, sizeof(head));
		if (head.opcode == FUSE_INTERRUPT) {
			memcpy(&interrupt, in + sizeof(head), sizeof(interrupt));
			if (interrupt.unique != waiting)
				continue;
			answer(waiting, -EINTR, NULL, 0);
			waiting = 0;
			interrupts++;
		} else if (hold && head.opcode == call->opcode) {
			waiting = head.unique;
			node = head.nodeid;
			if (interrupts == 0) {
				printf("pid %d\nready\n", child);
				fflush(stdout);
			}
		} else {
			serve(head.opcode, head.unique, head.nodeid, is_mkdir);
		}
	}
}

int main(int argc, char **argv)
{
	const struct call *call = NULL;
	int status, interrupts;
	pid_t child;

	if (argc > 3 && strcmp(argv[2], "run") == 0) {
		mount_there(argv[1]);
		return run_command(argv + 3);
	}
	for (size_t i = 0; argc == 3 && i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, argv[2]) == 0)
			call = &calls[i];
	if (!call) {
		fputs("usage: fuse DIR CALL | fuse DIR run COMMAND...\n", stderr);
		return 1;
	}
	mount_there(argv[1]);
	child = run_call(call);
	interrupts = serve_all(call, child);
	if (waitpid(child, &status, 0) != child || status != 0)
		return 1;
	/* nothing interrupts one that is exiting */
	return interrupts > 0 || call->opcode == FUSE_FLUSH || call->run == call_execute ? 0 : 2;
}
