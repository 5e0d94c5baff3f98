/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Which processes share the memory of another: found as soon as they have been started. */
#include "sharers.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static int wait_for_ever(void *context)
{
	(void)context;
	for (;;)
		pause();
	return 0;
}

static pid_t start(int flags, char *stack_end)
{
	return clone(wait_for_ever, stack_end, flags | SIGCHLD, NULL);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* The number of the process started next comes after LAST.  Returns false if it cannot be set. */
static bool set_last_pid(pid_t last)
{
	FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "w");
	bool set = f && fprintf(f, "%d", last) > 0;

	return f && fclose(f) == 0 && set;
}

/* A process that is looked at ends, and its number is given to one that shares the memory. */
static void test_number_used_again(struct sharers *sharers, pid_t self, char *stack_end)
{
	static const char title[] = "a number that was looked at may be a sharer's now";
	pid_t other, sharer;

	/* another process may be started just then, and take the number */
	for (int tries = 0; tries < 100; tries++) {
		other = start(0, stack_end);
		is(sharers_find(sharers, self, self), 0, "before, none is new");
		end(other);
		if (!set_last_pid(other - 1))
			break;
		sharer = start(CLONE_VM, stack_end);
		if (sharer == other)
			is(sharers_find(sharers, self, self), 1, "%s", title);
		end(sharer);
		if (sharer == other)
			return;
	}
	ok(true, "%s # SKIP the next number cannot be chosen here", title);
}

int main(void)
{
	static char stacks[2][16384] __attribute__((aligned(16)));
	cleanup_sharers struct sharers sharers = { 0 };
	pid_t other, sharer, self = getpid();

	if (!sharers_compare(self, self)) {
		printf("1..0 # SKIP the kernel has no kcmp(2), or it is not permitted\n");
		return 0;
	}
	is(sharers_find(&sharers, self, self), 0, "none shares it");
	is(sharers_find(&sharers, self, self), 0, "nor at a second look, at once");
	other = start(0, stacks[0] + sizeof(stacks[0]));
	if (other < 0) {
		perror("clone");
		return 1;
	}
	is(sharers_find(&sharers, self, self), 0, "a child with memory of its own does not");
	sharer = start(CLONE_VM, stacks[1] + sizeof(stacks[1]));
	/* which must not be killed: to kill(2), -1 is every process that there is */
	if (sharer < 0) {
		printf("ok %u - another does # SKIP no CLONE_VM alone, as in qemu-user\n",
		       ++tap_checks);
		end(other);
		return tap_done();
	}
	is(sharers_find(&sharers, self, self), 1, "one that was started since the last look does");
	is(sharers.items[0].pid, sharer, "and is the one");
	is(sharers_find(&sharers, self, self), 0, "it is found once");
	end(other);
	end(sharer);
	sharers_forget(&sharers);
	test_number_used_again(&sharers, self, stacks[1] + sizeof(stacks[1]));
	return tap_done();
}
