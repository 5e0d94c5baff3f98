/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * replacer [memfd]: a program that replaces code of its own with madvise(2) and
 * userfaultfd(2), having first executed itself from a memfd if asked.  Prints "pid PID",
 * "victim START END", then "ready".  A line of input is answered with "1" or "2", what
 * victim() returns afterwards: 2 if it was replaced, or with the step that failed.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* No page is larger. */
#define PAGE_MAX 65536
#define VICTIM __attribute__((aligned(PAGE_MAX), noinline, used, section(".text.victim")))

VICTIM static int victim(void)
{
	__asm__ volatile ("");
	return 1;
}

/* What it is replaced with. */
VICTIM static int other(void)
{
	__asm__ volatile ("");
	return 2;
}

/* Nothing else is on the page of either. */
VICTIM static void behind(void)
{
	__asm__ volatile (".skip 65536, 0x90");
}

static int execute_from_memfd(void)
{
	char *argv[] = { (char *)"replacer", NULL };
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = memfd_create("replacer", MFD_CLOEXEC);
	struct stat st;

	if (fstat(from, &st) == 0 && sendfile(to, from, NULL, (size_t)st.st_size) == st.st_size)
		fexecve(to, argv, (char *[]){ NULL });
	perror("memfd");
	return 1;
}

/* Returns the step that failed, or NULL. */
static const char *replace(void)
{
	uint64_t address = (uintptr_t)victim;
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .range = { address, PAGE_MAX },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_copy copy = { .dst = address, .src = (uintptr_t)other, .len = PAGE_MAX };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) != 0)
		return "userfaultfd";
	if (madvise((void *)(uintptr_t)address, PAGE_MAX, MADV_DONTNEED) != 0)
		return "madvise";
	if (ioctl(fd, UFFDIO_REGISTER, &range) != 0)
		return "register";
	return ioctl(fd, UFFDIO_COPY, &copy) != 0 ? "copy" : NULL;
}

int main(int argc, char **argv)
{
	int (*volatile function)(void) = victim;
	void (*volatile unused)(void) = behind;
	const char *failed;

	(void)unused;
	if (argc > 1 && strcmp(argv[1], "memfd") == 0)
		return execute_from_memfd();
	printf("pid %d\nvictim %lx %lx\nready\n", (int)getpid(), (unsigned long)(uintptr_t)victim,
	       (unsigned long)(uintptr_t)victim + PAGE_MAX);
	fflush(stdout);
	while (getchar() != EOF) {
		while (getchar() != '\n')
			;
		failed = replace();
		if (failed)
			printf("%s\n", failed);
		else
			printf("%d\n", function());
		fflush(stdout);
	}
	return 0;
}
