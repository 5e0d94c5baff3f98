/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* From the kernel's include/uapi/asm-generic/unistd.h. */
#include "native-calls.h"

static const struct call *find(long number)
{
	return call_find(native_calls, COUNT(native_calls), number);
}

unsigned call_traits(const struct remote_abi *abi, long number)
{
	(void)abi;
	return call_traits_of(find(number), number);
}

const char *call_name(const struct remote_abi *abi, long number)
{
	const struct call *call = find(number);

	(void)abi;
	return call ? call->name : NULL;
}
