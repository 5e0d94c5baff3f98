/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * From the kernel's include/uapi/asm-generic/unistd.h up to Linux 6.18.  x86_64/call-table.c
 * says why a call is listed, and why others need not be.
 */
#include "call-table.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* the highest number known: file_setattr */
#define CALL_LAST 469

struct call {
	int16_t number;
	uint16_t traits;
	const char *name;	/* of those that can be named to users */
};

static const struct call calls[] = {
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
	{ __NR_clone3, CALL_VFORK, NULL },
};

static const struct call *find(long number)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

unsigned call_traits(const struct remote_abi *abi, long number)
{
	const struct call *call = find(number);

	(void)abi;
	if (number < 0 || number > CALL_LAST)
		return CALL_ONCE;
	return call ? call->traits : 0;
}

const char *call_name(const struct remote_abi *abi, long number)
{
	const struct call *call = find(number);

	(void)abi;
	return call ? call->name : NULL;
}
