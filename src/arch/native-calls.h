/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_NATIVE_CALLS_H
#define MSEALCTL_NATIVE_CALLS_H

/*
 * From the kernel's tables of system calls up to Linux 6.18.  Calls that are not listed have
 * no trait: most never end with EINTR; of the others, EINTR means that nothing was done, be it from
 * the kernel (epoll_wait(2), semop(2), mutexes) or from a FUSE server, which may answer
 * any request so when it is interrupted.  (A call whose result is one of remote-regs.h's
 * enum remote_restart is restarted by the kernel itself.)
 *
 * Of the calls with CALL_ONCE, close(2) has released the descriptor when it returns
 * EINTR, and bpf(2) may have run a program: both are short, and left alone as transfers
 * are.  ioctl(2) does what the driver likes, such as sending a break (TCSBRK), and may wait
 * for days; restart_syscall(2) cannot be made from outside.
 */
#include "call-table.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* the highest number known, of every ABI: file_setattr */
#define CALL_LAST 469

struct call {
	int16_t number;
	uint16_t traits;
	const char *name;	/* of those that can be named to users */
};

static const struct call native_calls[] = {
	{ __NR_close, CALL_ONCE | CALL_PARTIAL, "close" },
	{ __NR_ioctl, CALL_ONCE, NULL },
	{ __NR_bpf, CALL_ONCE | CALL_PARTIAL, "bpf" },
	{ __NR_restart_syscall, CALL_ONCE, NULL },
	{ __NR_write, CALL_PARTIAL, "write" },
	{ __NR_writev, CALL_PARTIAL, "writev" },
	{ __NR_pwrite64, CALL_PARTIAL, "pwrite64" },
	{ __NR_pwritev, CALL_PARTIAL, "pwritev" },
	{ __NR_pwritev2, CALL_PARTIAL, "pwritev2" },
	{ __NR_sendto, CALL_PARTIAL, "sendto" },
	{ __NR_sendmsg, CALL_PARTIAL, "sendmsg" },
	{ __NR_sendmmsg, CALL_PARTIAL, "sendmmsg" },
	{ __NR_sendfile, CALL_PARTIAL, "sendfile" },
	{ __NR_splice, CALL_PARTIAL, "splice" },
	{ __NR_tee, CALL_PARTIAL, "tee" },
	{ __NR_vmsplice, CALL_PARTIAL, "vmsplice" },
	{ __NR_copy_file_range, CALL_PARTIAL, "copy_file_range" },
	{ __NR_getrandom, CALL_REPEAT, NULL },
	{ __NR_process_vm_readv, CALL_PARTIAL, "process_vm_readv" },
	{ __NR_process_vm_writev, CALL_PARTIAL, "process_vm_writev" },
	{ __NR_recvfrom, CALL_WAITALL, "recvfrom" },
	{ __NR_recvmsg, CALL_WAITALL, "recvmsg" },
	{ __NR_recvmmsg, CALL_PARTIAL, "recvmmsg" },
	{ __NR_clone, CALL_VFORK, NULL },
#ifdef __NR_vfork
	{ __NR_vfork, CALL_VFORK, NULL },
#endif
	{ __NR_clone3, CALL_VFORK, NULL },
};

/* The row of call NUMBER among COUNT, or NULL. */
static inline const struct call *call_find(const struct call *calls, size_t count, long number)
{
	for (size_t i = 0; i < count; i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

/* The traits of call NUMBER, whose row is CALL. */
static inline unsigned call_traits_of(const struct call *call, long number)
{
	if (number < 0 || number > CALL_LAST)
		return CALL_ONCE;
	return call ? call->traits : 0;
}

#endif
