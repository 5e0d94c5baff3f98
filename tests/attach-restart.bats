#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Calls in flight go on as if nothing had happened: with the same result, never with
# EINTR, never before their time; and not after it, if the kernel knows the rest of it.

load helpers

setup() { requires mseal ptrace; }

# all_end_well: what inflight says of each of its calls, when they are let end
all_end_well() {
	printf 'finish\n' >&"$to"
	while hear; do
		[[ $heard == *' ok' ]] || bad+="$heard
"
	done
	finish || bad+="status $?
"
}

calls() { "$helpers/inflight" list | sed 's/ .*//'; }

@test "calls in progress end as they would have without attach" {
	start "$helpers/inflight" half all
	run -0 msealctl attach "$pid"
	bad=
	all_end_well
	assert_equal "$bad" ''
}

@test "a call in progress ends as it would have where its thread also makes the calls of attach" {
	local call i bad='' attached=0

	# all at once: they are ready, and end, by time
	for call in $(calls); do
		launch "$helpers/inflight" half "$call"
		inputs+=("$to") outputs+=("$from")
	done
	for ((i = 0; i < ${#outputs[@]}; i++)); do
		from=${outputs[$i]}
		hear
		pid=${heard#pid }
		hear
		assert_equal "$heard" ready
		# a slow machine may be too late for some
		fresh 4
		if msealctl attach -q --seal="$fresh" "$pid" 2>"$BATS_TEST_TMPDIR/stderr"; then
			attached=$((attached + 1))
		else
			grep -qE 'zombie|has exited|no such process' "$BATS_TEST_TMPDIR/stderr" ||
				fail "$(cat "$BATS_TEST_TMPDIR/stderr")"
		fi
	done
	assert [ "$attached" -gt 20 ]
	for ((i = 0; i < ${#outputs[@]}; i++)); do
		printf 'finish\n' >&"${inputs[$i]}"
	done
	for ((i = 0; i < ${#outputs[@]}; i++)); do
		from=${outputs[$i]}
		hear
		[[ $heard == *' ok' ]] || bad+="$heard
"
		wait "${started[$i]}" || bad+="status $?
"
	done
	started=()
	assert_equal "$bad" ''
}

@test "calls in progress survive being attached to again and again" {
	local round

	start "$helpers/inflight" loop all
	for ((round = 0; round < ${MSEALCTL_TEST_LONG:+20}10; round++)); do
		fresh $((round % 2 ? 4 : 1))
		run -0 msealctl attach -q --seal="$fresh" "$pid"
		say still
		[[ $heard =~ ^blocked\ [0-9]+$ ]] || fail "$heard"
	done
	bad=
	all_end_well
	assert_equal "$bad" ''
}

@test "attach --dry-run does not even interrupt calls in progress" {
	start "$helpers/inflight" loop all
	run -0 msealctl attach --dry-run "$pid"
	say still
	# on a slow machine, time has ended some meanwhile
	assert_regex "$heard" '^blocked [0-9]+$'
}

@test "a close of a FUSE file, which cannot be made again, is not interrupted" {
	local dir=$BATS_TEST_TMPDIR/fuse

	requires root fuse
	mkdir "$dir"
	start "$helpers/fuse" "$dir" close
	run -1 --separate-stderr msealctl attach --timeout=0.5 "$pid"
	assert_regex "$stderr" "^msealctl: $pid: cannot attach: thread $pid is in a close\\(2\\) that"
	assert_finishes_with 0
}

@test "attach does not wait for a thread that a FUSE server keeps from exiting" {
	local dir=$BATS_TEST_TMPDIR/fuse

	requires root fuse own-targets
	mkdir "$dir"
	start "$helpers/fuse" "$dir" exit
	run -0 msealctl attach -q --timeout=60 --seal=text:@exe "$pid"
	run -0 msealctl check -q --seal=text:@exe "$pid"
	assert_finishes_with 0
}

@test "a call on a FUSE file, which its server ends with EINTR when interrupted, is made again" {
	local call dir=$BATS_TEST_TMPDIR/fuse

	requires root fuse
	mkdir "$dir"
	for call in open stat access fsync pread getdents mkdir; do
		start "$helpers/fuse" "$dir" "$call"
		run -0 --separate-stderr msealctl attach --timeout=60 --seal=text:@exe "$pid"
		assert_finishes_with 0
	done
}

@test "attach warns of a call that ends with EINTR, since it cannot be made again" {
	local dir=$BATS_TEST_TMPDIR/fuse

	requires root fuse
	mkdir "$dir"
	start "$helpers/fuse" "$dir" ioctl
	run -0 --separate-stderr msealctl attach --timeout=60 --seal=text:@exe "$pid"
	assert_stderr "msealctl: warning: $pid: the stop may have ended a call of thread $pid with EINTR"
	# with which it ends
	assert_finishes_with 1
}
