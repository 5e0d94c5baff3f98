/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "mseal.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct seal_type_name seal_type_names[] = {
	{ "base",      SEAL_BASE },
	{ "prot-pkey", SEAL_PROT_PKEY },
	{ "discard",   SEAL_DISCARD },
	{ "seal",      SEAL_SEAL },
	{ NULL, 0 },
};

unsigned long mseal_argument(unsigned types)
{
	return types == SEAL_ALL ? 0 : types;
}

static int mseal_call(uint64_t addr, uint64_t len, unsigned long argument)
{
	/* all register-sized; the typed ABI has a fourth argument, which must be 0 */
	return syscall(__NR_mseal, (uintptr_t)addr, (size_t)len, argument, 0UL) == 0 ? 0 :
											-errno;
}

int mseal_self(uint64_t addr, uint64_t len, unsigned types)
{
	return mseal_call(addr, len, mseal_argument(types));
}

const char *mseal_error_reason(int error, unsigned types)
{
	switch (error) {
	case -EPERM:
		return "mseal was denied, by a seccomp filter";
	case -EACCES:
		return "it is sealed against further seal types";
	case -ENOSYS:
		return "this kernel has no mseal, or a seccomp filter hides it";
	case -ENOMEM:
		return "not all of it is mapped, or the process has too many mappings";
	case -EINVAL:
		return types == SEAL_ALL ? "it begins or ends inside of a huge page" :
					   "this kernel's mseal does not take these seal types";
	default:
		return "mseal failed in a way that no kernel documents";
	}
}

enum mseal_abi mseal_detect(void)
{
	int plain = mseal_call(0, 0, 0);
	int typed;

	if (plain == -ENOSYS)
		return MSEAL_ABSENT;
	if (plain == -EPERM || plain == -EACCES)
		return MSEAL_DENIED;
	if (plain != 0)
		return MSEAL_ODD;
	typed = mseal_call(0, 0, SEAL_BASE);
	if (typed == 0)
		return MSEAL_TYPED;
	return typed == -EINVAL ? MSEAL_MAINLINE : MSEAL_ODD;
}
