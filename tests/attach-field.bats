#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# For soak/run.sh: MSEALCTL_TEST_ATTACHES attaches, a fifth of them to each kind of process
# that a tracer is known to disturb.  No process may be disturbed, no attach may take two
# seconds, and each ends well or with a reason that is true of that kind.

load helpers

setup() {
	requires mseal ptrace
	rounds=$((${MSEALCTL_TEST_ATTACHES:-50} / 5))
	dir=$BATS_TEST_TMPDIR/fuse
	mkdir "$dir"
}

# attach_once REASON: to $pid; status 1 only with a message that matches REASON
attach_once() {
	local began=${EPOCHREALTIME/[.,]/} took

	run --separate-stderr timeout -k 1 60 "$msealctl" attach -q --timeout=1.5 --seal=text:@exe "$pid"
	took=$((${EPOCHREALTIME/[.,]/} - began))
	count attaches 1
	((took < 2000000)) || fail "it took $took us: status $status: $stderr"
	case $status in
	0) ;;
	1) [[ $1 && $stderr =~ ^"msealctl: $pid: "($1) ]] || fail "$stderr" ;;
	*) fail "status $status: $stderr" ;;
	esac
}

@test "a loop in which threads execute another program" {
	local n

	start "$helpers/odd" execs
	for ((n = 0; n < rounds; n++)); do
		attach_once 'cannot (attach: (it was executing|it did not stop|Operation not permitted; the cause)|read|select)'
		[[ $stderr != *'has exited'* ]] || fail "$stderr"
		kill -0 "$pid" || fail "it is dead: $stderr"
	done
	exec {to}>&-
	hear
	[[ $heard =~ ^[1-9][0-9]*\ execs$ ]] || fail "$heard"
	assert_finishes_with 0
}

@test "large writes and reads of pipes and sockets" {
	local call n

	for ((n = 0; n < rounds; n += 10)); do
		for call in write sendmsg recv random stream; do
			start "$helpers/transfer" "$call"
			attach_once 'cannot attach: thread [0-9]+ is in a write'
			attach_once 'cannot attach: thread [0-9]+ is in a write'
			say go
			[[ $heard == whole || $stderr == *'the stop has ended a '* ]] || fail "$call: $heard"
			assert_finishes_with 0
		done
	done
}

@test "calls to a FUSE server" {
	local calls=(open stat access fsync pread getdents mkdir) n

	requires root fuse
	for ((n = 0; n < rounds; n++)); do
		start "$helpers/fuse" "$dir" "${calls[n % ${#calls[@]}]}"
		attach_once ''
		assert_finishes_with 0
	done
}

@test "coroutines with small stacks" {
	local modes=(deep lock malloc thread) n

	for ((n = 0; n < rounds; n++)); do
		start "$helpers/coroutine" "${modes[n % ${#modes[@]}]}"
		attach_once ''
		say '?'
		assert_equal "$heard" ok
		assert_finishes_with 0
	done
}

@test "daemons of three users" {
	local users=(1 33 65534) n bin=$BATS_TEST_TMPDIR/bin

	requires root program:setpriv
	mkdir "$bin"
	cp "$helpers/steady" "$helpers/storm" "$helpers/victim" "$bin"
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$bin"
	# victim makes a file there
	chmod 1777 "$BATS_TEST_TMPDIR"
	for ((n = 0; n < rounds; n += 6)); do
		for user in "${users[@]}"; do
			as_user=(setpriv --reuid="$user" --regid="$user" --clear-groups --)
			start "${as_user[@]}" "$bin/steady" rseq threads=2
			attach_once ''
			say '?'
			[[ $heard == 'ok '* ]] || fail "user $user: $heard"
			assert_finishes_with 0
			start "${as_user[@]}" "$bin/victim"
			attach_once ''
			assert_place_sealed text
			assert_finishes_with 0
		done
	done
}
