#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec --via=ptrace: whatever happens to the tracer, the program runs sealed or not at all.

load helpers

setup() { requires mseal ptrace root plain-build program:unshare; }

# disturb MODE PROGRAM: each call of the tracer in turn.  In a PID namespace of their own, it
# has few processes to look at.
disturb() {
	unshare --pid --fork --kill-child --mount-proc "$helpers/failat" "$1" \
		"$msealctl" exec --via=ptrace -- "$2"
}

@test "a program is sealed or refused, whichever call of its tracer fails" {
	# 3 is ESRCH, which would mean that the program has died
	run -0 disturb 3 "$helpers/trymut"
	[[ ${#lines[@]} == 1 && $output =~ ^([0-9]+)' calls, '([0-9]+)' refused'$ ]]
	((BASH_REMATCH[1] > 200 && BASH_REMATCH[2] > 100))
}

@test "a program is sealed, at whichever call its tracer is paused" {
	run -0 disturb pause "$helpers/trymut"
	[[ $output == *' calls, 0 refused' ]]
}

@test "the same if a constructor goes on in a child" {
	for call in fork vfork; do
		forking_program "$call()"
		run -0 disturb 3 "$program"
		[[ $output =~ ^[0-9]+' calls, '([0-9]+)' refused'$ ]]
		((BASH_REMATCH[1] > 100))
	done
}
