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
 * EINTR; ioctl(2) does what the driver likes, such as sending a break (TCSBRK); bpf(2)
 * may have run a program; and restart_syscall(2) cannot be made from outside.
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
};

static const struct call calls_64[] = {
	{ __NR_close, CALL_ONCE },
	{ __NR_ioctl, CALL_ONCE },
	{ __NR_bpf, CALL_ONCE },
	{ __NR_restart_syscall, CALL_ONCE },
	{ __NR_write, CALL_PARTIAL },
	{ __NR_writev, CALL_PARTIAL },
	{ __NR_pwrite64, CALL_PARTIAL },
	{ __NR_pwritev, CALL_PARTIAL },
	{ __NR_pwritev2, CALL_PARTIAL },
	{ __NR_sendto, CALL_PARTIAL },
	{ __NR_sendmsg, CALL_PARTIAL },
	{ __NR_sendmmsg, CALL_PARTIAL },
	{ __NR_sendfile, CALL_PARTIAL },
	{ __NR_splice, CALL_PARTIAL },
	{ __NR_tee, CALL_PARTIAL },
	{ __NR_vmsplice, CALL_PARTIAL },
	{ __NR_copy_file_range, CALL_PARTIAL },
	{ __NR_getrandom, CALL_PARTIAL },
	{ __NR_process_vm_readv, CALL_PARTIAL },
	{ __NR_process_vm_writev, CALL_PARTIAL },
	{ __NR_recvfrom, CALL_WAITALL },
	{ __NR_recvmsg, CALL_WAITALL },
	{ __NR_recvmmsg, CALL_PARTIAL },
	{ __NR_clone, CALL_VFORK },
	{ __NR_vfork, CALL_VFORK },
	{ __NR_clone3, CALL_VFORK },
};

/* <sys/syscall.h> has the 64-bit numbers only. */
static const struct call calls_32[] = {
	{ 0 /* restart_syscall */, CALL_ONCE },
	{ 6 /* close */, CALL_ONCE },
	{ 54 /* ioctl */, CALL_ONCE },
	{ 357 /* bpf */, CALL_ONCE },
	{ 4 /* write */, CALL_PARTIAL },
	{ 146 /* writev */, CALL_PARTIAL },
	{ 181 /* pwrite64 */, CALL_PARTIAL },
	{ 334 /* pwritev */, CALL_PARTIAL },
	{ 379 /* pwritev2 */, CALL_PARTIAL },
	/* send, sendto and sendmsg among others */
	{ 102 /* socketcall */, CALL_PARTIAL },
	{ 369 /* sendto */, CALL_PARTIAL },
	{ 370 /* sendmsg */, CALL_PARTIAL },
	{ 345 /* sendmmsg */, CALL_PARTIAL },
	{ 187 /* sendfile */, CALL_PARTIAL },
	{ 239 /* sendfile64 */, CALL_PARTIAL },
	{ 313 /* splice */, CALL_PARTIAL },
	{ 315 /* tee */, CALL_PARTIAL },
	{ 316 /* vmsplice */, CALL_PARTIAL },
	{ 377 /* copy_file_range */, CALL_PARTIAL },
	{ 355 /* getrandom */, CALL_PARTIAL },
	{ 347 /* process_vm_readv */, CALL_PARTIAL },
	{ 348 /* process_vm_writev */, CALL_PARTIAL },
	{ 371 /* recvfrom */, CALL_WAITALL },
	{ 372 /* recvmsg */, CALL_WAITALL },
	{ 337 /* recvmmsg */, CALL_PARTIAL },
	{ 417 /* recvmmsg_time64 */, CALL_PARTIAL },
	{ 120 /* clone */, CALL_VFORK },
	{ 190 /* vfork */, CALL_VFORK },
	{ 435 /* clone3 */, CALL_VFORK },
};

static unsigned find(const struct call *calls, size_t count, long number)
{
	if (number < 0 || number > CALL_LAST)
		return CALL_ONCE;
	for (size_t i = 0; i < count; i++)
		if (calls[i].number == number)
			return calls[i].traits;
	return 0;
}

unsigned call_traits(const struct remote_abi *abi, long number)
{
	unsigned traits = 0;

	if (!abi || abi->word == sizeof(uint64_t))
		traits |= find(calls_64, COUNT(calls_64), number);
	if (!abi || abi->word == sizeof(uint32_t))
		traits |= find(calls_32, COUNT(calls_32), number);
	return traits;
}
