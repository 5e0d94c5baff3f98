/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * What the shim needs of the C library, inside it.
 *
 * The linker exports a program's function if a library has one of that name, and the
 * program's comes first: one that has a read() of its own would be asked for
 * /proc/self/maps, and the wrappers of sanitizers, torsocks and their like do not work
 * before their own constructors, which run after the shim.  These are hidden: nothing
 * comes between the shim and them.  They are short rather than fast.
 */
#undef _FORTIFY_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "raw-call.h"

/* the number that this call has for 32-bit programs */
#ifndef SYS_mmap2
#define SYS_mmap2 SYS_mmap
#endif

/* volatile, or the compiler would see strlen() in strlen(), and call it */
typedef const volatile unsigned char *reading;
typedef volatile unsigned char *writing;

static long result_of(long r)
{
	/* all that the kernel returns for an error */
	if (r < 0 && r > -4096) {
		errno = (int)-r;
		return -1;
	}
	return r;
}

long syscall(long number, ...)
{
	long a[5];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 5; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	return result_of(raw_call(number, a[0], a[1], a[2], a[3], a[4]));
}

int open(const char *path, int flags, ...)
{
	/* nothing is created */
	return (int)result_of(raw_call(SYS_openat, AT_FDCWD, (long)path, flags, 0, 0));
}

int close(int fd)
{
	return (int)result_of(raw_call(SYS_close, fd, 0, 0, 0, 0));
}

ssize_t read(int fd, void *buf, size_t size)
{
	return result_of(raw_call(SYS_read, fd, (long)buf, (long)size, 0, 0));
}

ssize_t write(int fd, const void *buf, size_t size)
{
	return result_of(raw_call(SYS_write, fd, (long)buf, (long)size, 0, 0));
}

/* Of anonymous memory: the offset is 0. */
void *mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	(void)offset;
	return (void *)result_of(raw_call(SYS_mmap2, (long)addr, (long)size, prot, flags, fd));
}

int munmap(void *addr, size_t size)
{
	return (int)result_of(raw_call(SYS_munmap, (long)addr, (long)size, 0, 0, 0));
}

int mprotect(void *addr, size_t size, int prot)
{
	return (int)result_of(raw_call(SYS_mprotect, (long)addr, (long)size, prot, 0, 0));
}

int prctl(int option, ...)
{
	long a[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	return (int)result_of(raw_call(SYS_prctl, option, a[0], a[1], a[2], a[3]));
}

pid_t getpid(void)
{
	return (pid_t)raw_call(SYS_getpid, 0, 0, 0, 0, 0);
}

/* The sixth argument, the flags, can only be 0. */
ssize_t process_vm_readv(pid_t pid, const struct iovec *here, unsigned long here_count,
			 const struct iovec *there, unsigned long there_count,
			 unsigned long flags)
{
	(void)flags;
	return result_of(raw_call(SYS_process_vm_readv, pid, (long)here, (long)here_count,
				  (long)there, (long)there_count));
}

void _exit(int status)
{
	for (;;)
		raw_call(SYS_exit_group, status, 0, 0, 0, 0);
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((writing)to)[i] = ((reading)from)[i];
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	if ((uintptr_t)to <= (uintptr_t)from)
		return memcpy(to, from, n);
	while (n-- > 0)
		((writing)to)[n] = ((reading)from)[n];
	return to;
}

void *memset(void *to, int c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((writing)to)[i] = (unsigned char)c;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int difference = ((reading)a)[i] - ((reading)b)[i];

		if (difference != 0)
			return difference;
	}
	return 0;
}

/* What clang makes of a memcmp() whose sign does not matter. */
int bcmp(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n);
}

void *memchr(const void *s, int c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((reading)s)[i] == (unsigned char)c)
			return (unsigned char *)s + i;
	return NULL;
}

void *memrchr(const void *s, int c, size_t n)
{
	while (n-- > 0)
		if (((reading)s)[n] == (unsigned char)c)
			return (unsigned char *)s + n;
	return NULL;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (((reading)s)[n] != '\0')
		n++;
	return n;
}

char *strchr(const char *s, int c)
{
	return memchr(s, c, strlen(s) + 1);
}

char *strrchr(const char *s, int c)
{
	return memrchr(s, c, strlen(s) + 1);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int difference = ((reading)a)[i] - ((reading)b)[i];

		if (difference != 0 || a[i] == '\0')
			return difference;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, PTRDIFF_MAX);
}

size_t strspn(const char *s, const char *accepted)
{
	size_t n = 0;

	while (s[n] != '\0' && strchr(accepted, s[n]))
		n++;
	return n;
}
