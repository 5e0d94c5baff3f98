/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * unserved: a process with a private mapping whose only page userfaultfd(2) should serve,
 * and nothing does: reading it waits until the process ends.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	long size = sysconf(_SC_PAGESIZE);
	int file = memfd_create("unserved", MFD_CLOEXEC);
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *page;

	if (file < 0 || ftruncate(file, size) != 0)
		return 1;
	page = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, file, 0);
	if (page == MAP_FAILED)
		return 1;
	range.range.start = (uintptr_t)page;
	range.range.len = (uint64_t)size;
	if (faults < 0 || ioctl(faults, UFFDIO_API, &api) != 0 ||
	    ioctl(faults, UFFDIO_REGISTER, &range) != 0) {
		perror("userfaultfd");
		return 1;
	}
	printf("pid %d\nready\n", (int)getpid());
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
