#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What a program has received may look like what msealctl writes to a stack.

load helpers

setup() {
	requires mseal ptrace
	[[ -x $helpers/forged ]] || skip "no target for this architecture"
}

# is_well MODE...: attach to the target in each mode, twice, and hear that it is well
is_well() {
	local mode

	for mode; do
		start "$helpers/forged" "$mode"
		for _ in 1 2; do
			run -0 msealctl attach -q --seal=text:@exe "$pid"
			say '?'
			assert_equal "$mode: $heard" "$mode: ok"
		done
		assert_finishes_with 0
	done
}

@test "a signal frame in a message does not give its registers to the thread that reads it" {
	is_well data
}

@test "a thread whose registers name such a frame keeps them, computing or in a call" {
	is_well registers call
}

@test "a buffer on the stack that looks like an earlier frame of msealctl's stays as it is" {
	is_well window
}

@test "what is left on a stack and looks like an earlier frame of msealctl's stays as it is" {
	is_well left
}
