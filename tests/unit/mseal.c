/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The seal types, and the system call on whatever kernel runs the test. */
#include "mseal.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

static void test_types(void)
{
	unsigned types = 0;

	for (const struct seal_type_name *t = seal_type_names; t->name; t++) {
		ok(t->type && (t->type & (t->type - 1)) == 0, "%s is one bit", t->name);
		ok(!(types & t->type), "%s has a bit of its own", t->name);
		types |= t->type;
		is(mseal_argument(t->type), t->type, "%s is asked for by its bit", t->name);
	}
	is(types, SEAL_ALL, "together they are all");
	is(mseal_argument(SEAL_ALL), 0, "all is what mainline understands");
	is(mseal_argument(SEAL_ALL & ~SEAL_SEAL), SEAL_ALL & ~SEAL_SEAL,
	   "all but one is not all");
}

static void test_reasons(void)
{
	static const int errors[] = { -EPERM, -EACCES, -ENOSYS, -ENOMEM, -EINVAL, -EIO };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		unsigned same = 0;

		for (size_t j = 0; j < sizeof(errors) / sizeof(errors[0]); j++)
			same += strcmp(mseal_error_reason(errors[i], SEAL_ALL),
				       mseal_error_reason(errors[j], SEAL_ALL)) == 0;
		is(same, 1, "%s: has a reason of its own", strerror(-errors[i]));
	}
	ok(strstr(mseal_error_reason(-EINVAL, SEAL_BASE), "types"), "a single type may be refused");
	ok(!strstr(mseal_error_reason(-EINVAL, SEAL_ALL), "types"), "all types never are");
}

/* What mseal_detect() says is how the call then behaves. */
static void test_call(void)
{
	size_t len = (size_t)sysconf(_SC_PAGESIZE);
	enum mseal_abi abi = mseal_detect();
	char *page = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t addr = (uintptr_t)page;
	bool present = abi == MSEAL_MAINLINE || abi == MSEAL_TYPED;

	ok(page != MAP_FAILED, "a page is mapped");
	is(mseal_detect(), abi, "two looks at the kernel see the same");
	is(mprotect(page, len, PROT_READ | PROT_WRITE), 0, "a look seals nothing");
	if (present) {
		is(mseal_self(addr + 1, len, SEAL_ALL), -EINVAL, "an odd address is refused");
		is(mseal_self(addr, len, SEAL_BASE), abi == MSEAL_TYPED ? 0 : -EINVAL,
		   "a single type is for the typed kernel");
		is(mseal_self(addr, len, SEAL_ALL), 0, "a page can be sealed");
		is(mseal_self(addr, len, SEAL_ALL), 0, "twice");
	} else {
		ok(mseal_self(addr, len, SEAL_ALL) < 0, "a page cannot be sealed");
	}
	is(mprotect(page, len, PROT_READ), present ? -1 : 0,
	   "a sealed page keeps its protection, another does not");
	if (present)
		is(errno, EPERM, "EPERM is the reason");
}

int main(void)
{
	test_types();
	test_reasons();
	test_call();
	return tap_done();
}
