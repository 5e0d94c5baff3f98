/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The functions of the C library that the shim uses, inside the shim and hidden.
 *
 * libc's own can be interposed: the linker exports a program's function if a library has
 * one of that name, and the program's comes first.  A program with a read() of its own
 * would then be asked for /proc/self/maps; and the wrappers of sanitizers, torsocks and the
 * like do not work before their own constructors, which run after the shim.  The functions
 * here are short rather than fast.
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

/*
 * In each loop, or the compiler would recognise that the loop in memset() is memset(), and
 * call it.
 */
#define NO_IDIOM __asm__("")

/* errno(3) from what the kernel returned. */
static long result_of(long r)
{
	if (r < 0 && r > -4096) {
		errno = (int)-r;
		return -1;
	}
	return r;
}

static long call(long number, long a, long b, long c)
{
	return result_of(raw_call(number, a, b, c, 0, 0, 0));
}

long syscall(long number, ...)
{
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	return result_of(raw_call(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

int open(const char *path, int flags, ...)
{
	unsigned mode = 0;
	va_list list;

	va_start(list, flags);
	if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE)
		mode = va_arg(list, unsigned);
	va_end(list);
	return (int)result_of(raw_call(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0));
}

int close(int fd)
{
	return (int)call(SYS_close, fd, 0, 0);
}

ssize_t read(int fd, void *buf, size_t size)
{
	return call(SYS_read, fd, (long)buf, (long)size);
}

ssize_t write(int fd, const void *buf, size_t size)
{
	return call(SYS_write, fd, (long)buf, (long)size);
}

void *mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	return (void *)result_of(raw_call(SYS_mmap, (long)addr, (long)size, prot, flags, fd,
					  offset));
}

int munmap(void *addr, size_t size)
{
	return (int)call(SYS_munmap, (long)addr, (long)size, 0);
}

int mprotect(void *addr, size_t size, int prot)
{
	return (int)call(SYS_mprotect, (long)addr, (long)size, prot);
}

int prctl(int option, ...)
{
	long a[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	return (int)result_of(raw_call(SYS_prctl, option, a[0], a[1], a[2], a[3], 0));
}

pid_t getpid(void)
{
	return (pid_t)call(SYS_getpid, 0, 0, 0);
}

ssize_t process_vm_readv(pid_t pid, const struct iovec *here, unsigned long here_count,
			 const struct iovec *there, unsigned long there_count,
			 unsigned long flags)
{
	return result_of(raw_call(SYS_process_vm_readv, pid, (long)here, (long)here_count,
				  (long)there, (long)there_count, (long)flags));
}

void _exit(int status)
{
	for (;;)
		call(SYS_exit_group, status, 0, 0);
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		NO_IDIOM;
		((char *)to)[i] = ((const char *)from)[i];
	}
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	if ((uintptr_t)to <= (uintptr_t)from)
		return memcpy(to, from, n);
	while (n-- > 0) {
		NO_IDIOM;
		((char *)to)[n] = ((const char *)from)[n];
	}
	return to;
}

void *memset(void *to, int c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		NO_IDIOM;
		((unsigned char *)to)[i] = (unsigned char)c;
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (size_t i = 0; i < n; i++) {
		NO_IDIOM;
		if (x[i] != y[i])
			return x[i] - y[i];
	}
	return 0;
}

/* What clang makes of a memcmp() whose sign does not matter. */
int bcmp(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n);
}

/* In parentheses: C23 has macros of these names, whose result is const where S is. */

void *(memchr)(const void *s, int c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		NO_IDIOM;
		if (((const unsigned char *)s)[i] == (unsigned char)c)
			return (unsigned char *)s + i;
	}
	return NULL;
}

void *(memrchr)(const void *s, int c, size_t n)
{
	while (n-- > 0) {
		NO_IDIOM;
		if (((const unsigned char *)s)[n] == (unsigned char)c)
			return (unsigned char *)s + n;
	}
	return NULL;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		NO_IDIOM;
	return n;
}

char *(strchr)(const char *s, int c)
{
	return (memchr)(s, c, strlen(s) + 1);
}

char *(strrchr)(const char *s, int c)
{
	return (memrchr)(s, c, strlen(s) + 1);
}

int strncmp(const char *a, const char *b, size_t n)
{
	const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;

	for (size_t i = 0; i < n; i++) {
		NO_IDIOM;
		if (x[i] != y[i] || x[i] == '\0')
			return x[i] - y[i];
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
