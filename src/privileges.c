/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * capget(2) and capset(2) as they are: libcap, once loaded, asks the kernel for the
 * highest capability that it knows, at each start of exec.
 */
#include "privileges.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One bit a capability. */
struct capabilities {
	uint64_t effective, permitted;
};

/* What this thread has between two calls that need more, once it is reduced. */
static struct capabilities lowered;
static bool reduced;

static uint64_t bit(int cap)
{
	return (uint64_t)1 << cap;
}

static int read_own(struct capabilities *ret)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct halves[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, halves) != 0)
		return -errno;
	ret->effective = halves[0].effective | (uint64_t)halves[1].effective << 32;
	ret->permitted = halves[0].permitted | (uint64_t)halves[1].permitted << 32;
	return 0;
}

/* Nothing is inheritable: we execute no program that is to have any of it. */
static int write_own(struct capabilities caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct halves[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = (uint32_t)caps.effective, .permitted = (uint32_t)caps.permitted },
		{ .effective = (uint32_t)(caps.effective >> 32),
		  .permitted = (uint32_t)(caps.permitted >> 32) },
	};

	return syscall(SYS_capset, &header, halves) == 0 ? 0 : -errno;
}

int privileges_reduce(bool keep_sys_admin)
{
	uint64_t kept = bit(CAP_SYS_PTRACE) | (keep_sys_admin ? bit(CAP_SYS_ADMIN) : 0);
	struct capabilities caps;
	int r = read_own(&caps);

	if (r < 0)
		return r;
	caps = (struct capabilities){ .permitted = caps.permitted & kept };
	r = write_own(caps);
	if (r < 0)
		return r;
	lowered = caps;
	reduced = true;
	return 0;
}

void privileges_raise(int cap)
{
	struct capabilities raised = lowered;

	if (!reduced || !(lowered.permitted & bit(cap)))
		return;
	raised.effective = bit(cap);
	write_own(raised);
}

void privileges_lower(void)
{
	int saved = errno;

	if (reduced)
		write_own(lowered);
	errno = saved;
}

bool privileges_have(int cap)
{
	struct capabilities caps;

	return read_own(&caps) == 0 && (caps.permitted & bit(cap));
}
