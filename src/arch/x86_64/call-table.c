/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * From the kernel's tables of system calls up to Linux 6.18, syscall_64.tbl and
 * syscall_32.tbl of arch/x86/entry/syscalls.  Calls that are not listed have no trait:
 * most never end with EINTR; of the others, EINTR means that nothing was done, be it from
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

#include "remote-abi.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* the highest number known, of both ABIs: file_setattr */
#define CALL_LAST 469

struct call {
	int16_t number;
	uint16_t traits;
	const char *name;	/* of those that can be named to users */
};

static const struct call calls_64[] = {
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
	{ __NR_vfork, CALL_VFORK, NULL },
	{ __NR_clone3, CALL_VFORK, NULL },
};

/* <sys/syscall.h> has the 64-bit numbers only. */
static const struct call calls_32[] = {
	{ 0 /* restart_syscall */, CALL_ONCE, NULL },
	{ 6, CALL_ONCE | CALL_PARTIAL, "close" },
	{ 54 /* ioctl */, CALL_ONCE, NULL },
	{ 357, CALL_ONCE | CALL_PARTIAL, "bpf" },
	{ 4, CALL_PARTIAL, "write" },
	{ 146, CALL_PARTIAL, "writev" },
	{ 181, CALL_PARTIAL, "pwrite64" },
	{ 334, CALL_PARTIAL, "pwritev" },
	{ 379, CALL_PARTIAL, "pwritev2" },
	/* send, sendto and sendmsg among others */
	{ 102, CALL_PARTIAL, "socketcall" },
	{ 369, CALL_PARTIAL, "sendto" },
	{ 370, CALL_PARTIAL, "sendmsg" },
	{ 345, CALL_PARTIAL, "sendmmsg" },
	{ 187, CALL_PARTIAL, "sendfile" },
	{ 239, CALL_PARTIAL, "sendfile64" },
	{ 313, CALL_PARTIAL, "splice" },
	{ 315, CALL_PARTIAL, "tee" },
	{ 316, CALL_PARTIAL, "vmsplice" },
	{ 377, CALL_PARTIAL, "copy_file_range" },
	{ 355 /* getrandom */, CALL_REPEAT, NULL },
	{ 347, CALL_PARTIAL, "process_vm_readv" },
	{ 348, CALL_PARTIAL, "process_vm_writev" },
	{ 371, CALL_WAITALL, "recvfrom" },
	{ 372, CALL_WAITALL, "recvmsg" },
	{ 337, CALL_PARTIAL, "recvmmsg" },
	{ 417, CALL_PARTIAL, "recvmmsg_time64" },
	{ 120 /* clone */, CALL_VFORK, NULL },
	{ 190 /* vfork */, CALL_VFORK, NULL },
	{ 435 /* clone3 */, CALL_VFORK, NULL },
};

static const struct call *find(const struct remote_abi *abi, long number)
{
	bool is_64 = abi->word == sizeof(uint64_t);
	const struct call *calls = is_64 ? calls_64 : calls_32;
	size_t count = is_64 ? COUNT(calls_64) : COUNT(calls_32);

	for (size_t i = 0; i < count; i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

unsigned call_traits(const struct remote_abi *abi, long number)
{
	const struct call *call = find(abi, number);

	if (number < 0 || number > CALL_LAST)
		return CALL_ONCE;
	return call ? call->traits : 0;
}

const char *call_name(const struct remote_abi *abi, long number)
{
	const struct call *call = find(abi, number);

	return call ? call->name : NULL;
}
