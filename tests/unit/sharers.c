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
	return tap_done();
}
