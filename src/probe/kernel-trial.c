/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "kernel-trial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "mseal.h"
#include "page.h"
#include "procmap-query.h"
#include "survey.h"

/* Seal a page and try to change it: a seal cannot be undone. */
static void try_seal(struct kernel_trial *t)
{
	void *p = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t page = (uintptr_t)p, vdso = getauxval(AT_SYSINFO_EHDR);
	struct survey survey;

	if (p == MAP_FAILED) {
		t->error = errno;
		return;
	}
	if (mseal_self(page, page_size(), SEAL_ALL) == 0)
		t->refused = mprotect(p, page_size(), PROT_READ | PROT_WRITE) != 0 &&
			     errno == EPERM;
	t->error = 0;
	if (survey_read(&survey, getpid(), getpid(), SURVEY_SMAPS | SURVEY_ROWS) < 0)
		return;
	t->seal = maps_seal_of(&survey.maps, page, page + page_size(), NULL);
	if (vdso)
		t->vdso = maps_seal_of(&survey.maps, vdso, vdso + page_size(), NULL);
	survey_free(&survey);
}

/* Trace a child. */
static void try_ptrace(struct kernel_trial *t)
{
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	t->seized = child > 0 && ptrace(PTRACE_SEIZE, child, NULL, 0) == 0;
	t->seize_error = t->seized ? 0 : errno;
	if (t->seized && ptrace(PTRACE_INTERRUPT, child, NULL, NULL) == 0 &&
	    waitpid(child, NULL, __WALL) == child)
		t->suspended = ptrace(PTRACE_SETOPTIONS, child, NULL,
				      PTRACE_O_SUSPEND_SECCOMP) == 0;
	t->suspend_error = t->suspended ? 0 : errno;
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, __WALL);
	}
}

static void try_userfaultfd(struct kernel_trial *t)
{
	/* allowed without privileges, so it does not matter that we may have some */
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	t->userfaultfd_error = fd >= 0 ? 0 : errno;
}

static void try_procmap_query(struct kernel_trial *t)
{
	cleanup_fd int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct procmap_query query = { .size = sizeof(query), .addr = (uintptr_t)&query };

	t->procmap_error = fd >= 0 && ioctl(fd, PROCMAP_QUERY_IOCTL, &query) == 0 ? 0 : errno;
}

/* Nothing is known, because of ERROR. */
static void forget(struct kernel_trial *t, int error)
{
	*t = (struct kernel_trial){
		.error = error, .seize_error = error, .suspend_error = error,
		.userfaultfd_error = error, .procmap_error = error, .seal = SEAL_UNKNOWN,
		.vdso = SEAL_UNKNOWN,
	};
}

/* Each trial has a child of its own, which a seccomp filter may kill. */
static void run(struct kernel_trial *shared)
{
	static void (*const trials[])(struct kernel_trial *t) = {
		try_seal, try_ptrace, try_userfaultfd, try_procmap_query,
	};
	const struct rlimit no_core = { 0 };

	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		pid_t child = fork();

		if (child == 0) {
			setrlimit(RLIMIT_CORE, &no_core);
			trials[i](shared);
			_exit(0);
		}
		if (child < 0)
			forget(shared, errno);
		while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
}

void kernel_trial_run(struct kernel_trial *ret)
{
	struct kernel_trial *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	forget(ret, errno);
	if (shared == MAP_FAILED)
		return;
	forget(shared, KERNEL_TRIAL_DIED);
	run(shared);
	*ret = *shared;
	munmap(shared, sizeof(*shared));
}

const char *kernel_trial_reason(int error)
{
	return error == KERNEL_TRIAL_DIED ? "the process that tried it did not survive, as under "
					    "a seccomp filter that kills" : strerror(error);
}
