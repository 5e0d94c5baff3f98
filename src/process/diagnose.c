/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "diagnose.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "privileges.h"
#include "process.h"
#include "region.h"

#define SAY(field, ...) snprintf(field, sizeof(field), __VA_ARGS__)

/* The beginning of a file, as a string.  Returns false if there is none. */
static bool read_text(const char *path, char *ret, size_t size)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, ret, size - 1) : -1;

	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

int diagnose_yama_scope(void)
{
	char text[16];

	return read_text("/proc/sys/kernel/yama/ptrace_scope", text, sizeof(text)) ? atoi(text) :
										     -1;
}

/* There is no process PID: is there a thread? */
static void diagnose_missing(struct diagnosis *d, int pid)
{
	pid_t leader = process_of_thread(pid);

	if (leader > 0) {
		SAY(d->reason, "it is a thread of process %d", leader);
		SAY(d->hint, "give %d: the threads of a process share their memory", leader);
	} else if (kill(pid, 0) == 0 || errno == EPERM) {
		SAY(d->reason, "it exists, but /proc does not show it: it may be mounted with hidepid");
		SAY(d->hint, "run msealctl as root, or with CAP_SYS_PTRACE");
	} else {
		SAY(d->reason, "no such process");
	}
}

/* Is process_vm_readv(2) denied to us whatever the process? */
static bool reading_denied(void)
{
	char a = 0, b;
	struct iovec from = { &a, 1 }, to = { &b, 1 };

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) != 1;
}

static void diagnose_tracer(struct diagnosis *d, pid_t tracer)
{
	struct process p;

	if (process_read(tracer, &p) == 0)
		SAY(d->reason, "already traced by %s (pid %d)", p.comm, tracer);
	else
		SAY(d->reason, "already traced by pid %d", tracer);
}

/* Yama refuses more than the kernel does by itself: admin-guide/LSM/Yama. */
static bool diagnose_yama(struct diagnosis *d)
{
	int scope = diagnose_yama_scope();

	if (scope == 3)
		SAY(d->reason, "Yama forbids all tracing (ptrace_scope is 3)");
	else if (scope == 2)
		SAY(d->reason, "Yama reserves tracing for CAP_SYS_PTRACE (ptrace_scope is 2)");
	else if (scope == 1)
		SAY(d->reason, "Yama lets only ancestors trace a process (ptrace_scope is 1)");
	else
		return false;
	if (scope < 3)
		SAY(d->hint, "run msealctl as root, or with CAP_SYS_PTRACE");
	return true;
}

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

/*
 * The link in /proc/PID/ns can only be read with the rights to trace PID; the map of its users
 * can be read by all, but two namespaces may have the same.
 */
static enum answer in_other_user_namespace(pid_t pid)
{
	char path[64], theirs[512], ours[512];
	struct stat their_ns, our_ns;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (read_text(path, theirs, sizeof(theirs)) &&
	    read_text("/proc/self/uid_map", ours, sizeof(ours)) && strcmp(theirs, ours) != 0)
		return ANSWER_YES;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	privileges_raise_to_open();
	r = stat(path, &their_ns);
	privileges_lower();
	if (r != 0 || stat("/proc/self/ns/user", &our_ns) != 0)
		return ANSWER_UNKNOWN;
	return their_ns.st_dev == our_ns.st_dev && their_ns.st_ino == our_ns.st_ino ? ANSWER_NO :
										      ANSWER_YES;
}

/* Is ptrace(2) denied to us whatever the process? */
static bool tracing_denied(void)
{
	pid_t child = fork();
	bool denied;

	if (child < 0)
		return false;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	privileges_raise(CAP_SYS_PTRACE);
	denied = ptrace(PTRACE_SEIZE, child, NULL, NULL) != 0;
	privileges_lower();
	kill(child, SIGKILL);
	waitpid(child, NULL, __WALL);
	return denied;
}

/* With CAP_SYS_PTRACE, the kernel has few reasons left. */
static void diagnose_despite_rights(struct diagnosis *d, pid_t pid, int error, bool tracing)
{
	enum answer other = in_other_user_namespace(pid);

	if (other == ANSWER_YES)
		SAY(d->reason, "it is in another user namespace, where msealctl has no rights");
	else if (tracing && tracing_denied())
		SAY(d->reason, "ptrace is denied to msealctl, even of its own child");
	else
		SAY(d->reason, "%s; the cause is not known: msealctl has CAP_SYS_PTRACE%s%s, so "
		    "perhaps %sa security module forbids it, or it was executing another program",
		    strerror(-error), tracing ? ", no tracer of it is seen" : "",
		    other == ANSWER_NO ? ", the user namespace is the same" : "",
		    other == ANSWER_NO ? "" : "it is in another user namespace, ");
}

/* It lives, though a thread of it was not to be found. */
static void diagnose_changed(struct diagnosis *d, const struct process *p)
{
	if (p->state == 'Z')
		SAY(d->reason, "its main thread has ended, and the others come and go too fast");
	else
		SAY(d->reason, "it was executing another program, or a thread of it was exiting");
	SAY(d->hint, "try again");
}

static void diagnose_denied(struct diagnosis *d, const struct process *p, int error,
			    bool tracing)
{
	int capable = privileges_look(CAP_SYS_PTRACE);

	if (tracing && p->tracer == getpid()) {
		/* which could stop it, but not all that its threads became */
		diagnose_changed(d, p);
	} else if (capable < 0) {
		SAY(d->reason, "%s; msealctl's own capabilities cannot be read: %s",
		    strerror(-error), strerror(-capable));
	} else if (tracing && p->tracer > 0) {
		diagnose_tracer(d, p->tracer);
	} else if (!capable && p->uid != getuid()) {
		SAY(d->reason, "it belongs to another user (uid %u)", p->uid);
		SAY(d->hint, "run msealctl as root, or with CAP_SYS_PTRACE");
	} else if (tracing && (!capable || diagnose_yama_scope() == 3) && diagnose_yama(d)) {
		return;
	} else if (!capable) {
		SAY(d->reason, "it is not dumpable, or has more privileges than msealctl");
		SAY(d->hint, "run msealctl as root, or with CAP_SYS_PTRACE");
	} else {
		diagnose_despite_rights(d, p->tid, error, tracing);
	}
}

/* What an error means that needs no look at the process. */
static const char *error_reason(int error)
{
	static const struct { int error; const char *reason; } reasons[] = {
		{ -EFBIG, "it takes more than 1 GiB of memory to read" },
		{ -ETIMEDOUT,
		  "it took too long, perhaps as a FUSE server or userfaultfd holds a page" },
		{ -EBADMSG, "not all of it is as the kernel writes it" },
		{ -EDEADLK, "it traces msealctl itself" },
		{ -EBUSY, "its cgroup is frozen" },
		{ -EDQUOT, "no timer can be had: too many signals are queued for this user" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return reasons[i].reason;
	return strerror(-error);
}

void diagnose_access(struct diagnosis *ret, int pid, int error, bool tracing)
{
	struct process p;
	int r = process_read(pid, &p);

	*ret = (struct diagnosis){ .reason = "" };
	if (r == -ESRCH)
		diagnose_missing(ret, pid);
	else if (r == -ETIMEDOUT)
		SAY(ret->reason, "it is executing a program, and waits for its old memory to be free");
	else if (r < 0)
		SAY(ret->reason, "/proc/%d/%s: %s", pid,
		    process_read_stat(pid, pid, &p) < 0 ? "stat" : "status", strerror(-r));
	else if (p.kernel_thread)
		SAY(ret->reason, "it is a kernel thread and has no memory of its own");
	else if (tracing && pid == getpid())
		SAY(ret->reason, "this is msealctl itself");
	else if (p.state == 'Z' && !process_lives(pid, &p))
		SAY(ret->reason, "it is a zombie: it has exited, and its parent has not "
		    "waited for it");
	else if ((error == -EPERM || error == -ENOSYS) && reading_denied())
		SAY(ret->reason, "process_vm_readv is denied to msealctl, perhaps by a seccomp filter");
	else if (error == -EPERM || error == -EACCES)
		diagnose_denied(ret, &p, error, tracing);
	/* a main thread that is exiting has no maps, though another may be executing a program */
	else if (error == -ESTALE || ((error == -ESRCH || (error == -ENODATA && p.exiting)) &&
				      process_lives(pid, &p)))
		diagnose_changed(ret, &p);
	else if (error == -ENODATA && process_lives(pid, &p))
		SAY(ret->reason, "its maps are empty");
	else if (error == -ENODATA || error == -ESRCH)
		SAY(ret->reason, "it has exited");
	else if (error == -E2BIG)
		SAY(ret->reason, "its ELF objects have more than %zu program headers",
		    REGION_HEADERS_MAX);
	else
		SAY(ret->reason, "%s", error_reason(error));
}
