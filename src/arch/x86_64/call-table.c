/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* From syscall_64.tbl and syscall_32.tbl of the kernel's arch/x86/entry/syscalls. */
#include "native-calls.h"

#include "remote-abi.h"

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
	return abi->word == sizeof(uint64_t) ?
	       call_find(native_calls, COUNT(native_calls), number) :
	       call_find(calls_32, COUNT(calls_32), number);
}

unsigned call_traits(const struct remote_abi *abi, long number)
{
	return call_traits_of(find(abi, number), number);
}

const char *call_name(const struct remote_abi *abi, long number)
{
	const struct call *call = find(abi, number);

	return call ? call->name : NULL;
}
