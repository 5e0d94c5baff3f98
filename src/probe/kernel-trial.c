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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "mseal.h"
#include "page.h"
#include "survey.h"

/* What the child reports through the pipe before it waits to be killed. */
struct sealed_page {
	uint64_t addr;
	bool refused;
	int userfaultfd_error;
};

/* Seal a page and try to change it.  A seal cannot be undone, so a child does it. */
static void run_child(int report)
{
	struct sealed_page page = { 0 };
	void *p = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (p != MAP_FAILED && mseal_self((uintptr_t)p, page_size(), SEAL_ALL) == 0)
		page.refused = mprotect(p, page_size(), PROT_READ | PROT_WRITE) != 0 &&
			       errno == EPERM;
	page.addr = (uintptr_t)p;
	/* allowed without privileges, so it does not matter that we may have some */
	if (syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY) < 0)
		page.userfaultfd_error = -errno;
	if (write(report, &page, sizeof(page)) != sizeof(page))
		_exit(1);
	for (;;)
		pause();
}

static void try_seals(struct kernel_trial *t, pid_t child, const struct sealed_page *page)
{
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
	struct arena arena = ARENA_INIT;
	struct maps maps;

	if (survey_read_seals(&maps, &arena, child, child) < 0)
		return;
	t->seal = maps_seal_of(&maps, page->addr, page->addr + page_size(), NULL);
	if (vdso)
		t->vdso = maps_seal_of(&maps, vdso, vdso + page_size(), NULL);
	arena_unmap(&arena);
}

static void try_ptrace(struct kernel_trial *t, pid_t child)
{
	int status;

	t->seized = ptrace(PTRACE_SEIZE, child, NULL, 0) == 0;
	t->seize_errno = errno;
	if (!t->seized || ptrace(PTRACE_INTERRUPT, child, NULL, NULL) != 0 ||
	    waitpid(child, &status, __WALL) != child)
		return;
	t->suspended = ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_SUSPEND_SECCOMP) == 0;
	t->suspend_errno = errno;
}

void kernel_trial_run(struct kernel_trial *ret)
{
	struct kernel_trial t = { .seal = SEAL_UNKNOWN, .vdso = SEAL_UNKNOWN };
	struct sealed_page page;
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) != 0) {
		*ret = (struct kernel_trial){ .error = -errno };
		return;
	}
	child = fork();
	if (child == 0)
		run_child(fds[1]);
	if (child < 0)
		t.error = -errno;
	close(fds[1]);
	if (child > 0 && read(fds[0], &page, sizeof(page)) == sizeof(page)) {
		t.refused = page.refused;
		t.userfaultfd_error = page.userfaultfd_error;
		try_seals(&t, child, &page);
		try_ptrace(&t, child);
	} else if (child > 0) {
		t.error = -EIO;
	}
	close(fds[0]);
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, __WALL);
	}
	*ret = t;
}

/* struct procmap_query of include/uapi/linux/fs.h, which Debian 12's headers lack */
struct query {
	uint64_t size, flags, addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};

int kernel_trial_procmap_query(void)
{
	cleanup_fd int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct query query = { .size = sizeof(query), .addr = (uintptr_t)&query };

	if (fd < 0)
		return -errno;
	return ioctl(fd, _IOWR('f', 17, struct query), &query) == 0 ? 0 : -errno;
}
