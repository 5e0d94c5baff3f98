#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Calls that the kernel ends early once they have moved a part of their data.

load helpers

setup() { requires mseal ptrace; }

# assert_whole: the call ends as it would have without attach
assert_whole() {
	say go
	assert_equal "$heard" whole
	assert_finishes_with 0
}

@test "attach leaves a thread alone that is blocked in a transfer" {
	local call

	for call in write sendmsg recv; do
		start "$helpers/transfer" "$call"
		run -0 --separate-stderr msealctl attach "$pid"
		refute_stderr
		assert [ "$(sealed_count "$pid")" -gt 0 ]
		assert_whole
	done
}

@test "attach to a process that does nothing but a transfer is refused with the name of the call" {
	start "$helpers/transfer" write alone
	run -1 --separate-stderr msealctl attach -q --timeout=0.3 "$pid"
	assert_stderr "msealctl: $pid: cannot attach: thread $pid is in a write(2) that a stop would cut short
msealctl: hint: try again once it is done, or give it more time with --timeout"
	assert_equal "$(sealed_count "$pid")" 0
	assert_whole
}

@test "attach waits for a transfer to end" {
	local target tool

	start "$helpers/transfer" recv alone
	target=$pid
	"$msealctl" attach -q --timeout=600 "$target" 3>&- &
	tool=$!
	say go
	assert_equal "$heard" whole
	wait "$tool"
	assert [ "$(sealed_count "$target")" -gt 0 ]
	assert_finishes_with 0
}

# Kernels that put the result of a call in the place of its first argument, some for good
hides_argument() { [[ $(uname -m) != x86_64 ]]; }

@test "a getrandom that attach has interrupted fills the whole buffer nevertheless" {
	local round warnings=''

	start "$helpers/transfer" random
	for ((round = 0; round < ${MSEALCTL_TEST_LONG:+10}5; round++)); do
		fresh 1
		run -0 --separate-stderr msealctl attach --seal="$fresh" "$pid"
		warnings+=$stderr
	done
	[[ $warnings != *'the stop may have ended a getrandom(2) of thread '* ]] || hides_argument ||
		fail "$warnings"
	[[ $warnings ]] || assert_whole
}

@test "attach names a call that it has cut short nevertheless" {
	local round has=has

	! hides_argument || has='(has|may have)'
	start "$helpers/transfer" entropy
	for ((round = 0; round < 3; round++)); do
		run -0 --separate-stderr msealctl attach --seal=text:@exe "$pid"
		[[ ! $stderr ]] || break
	done
	say go
	if [[ $heard == whole ]]; then
		refute_stderr
	else
		[[ $stderr =~ ^msealctl:\ warning:\ $pid:\ the\ stop\ $has\ ended\ a\ write\(2\)\ of\ thread\ [0-9]+\ early$ ]] ||
			fail "returned $heard, but: $stderr"
	fi
	assert_finishes_with 0
}

@test "attach to a process that writes all the time ends no write early without a warning" {
	local round warnings='' has=has

	! hides_argument || has='*'
	start "$helpers/transfer" stream
	for ((round = 0; round < ${MSEALCTL_TEST_LONG:+10}15; round++)); do
		run -0 --separate-stderr msealctl attach --seal=text:@exe --timeout=60 "$pid"
		warnings+=$stderr
	done
	count attaches "$round"
	say go
	[[ $heard == whole || $warnings == *'the stop '$has' ended a write(2) of thread '* ]] ||
		fail "returned $heard, but: $warnings"
	assert_finishes_with 0
}
