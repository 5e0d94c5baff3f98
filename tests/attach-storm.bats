#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# attach again and again, to processes in which much happens at the same time.

load helpers

setup() {
	requires mseal ptrace
	# s, for each of the storms
	length=${MSEALCTL_TEST_STORM:-2}
}

# attach_for COUNT [LIST]: with COUNT new calls each time, and at first with those for LIST, as
# long as a storm lasts; most of it is msealctl's own start
attach_for() {
	local end=$((SECONDS + length))

	while ((SECONDS < end)); do
		fresh "$1"
		run -0 msealctl attach -q --seal="$fresh${2:+,$2}" "$pid"
		run -0 msealctl attach -q --dry-run --seal="$fresh" "$pid"
		count attaches 2
	done
}

# The helper says what was sent and received, and "ok" at last.
calms_down() {
	local said

	exec {to}>&-
	said=$(cat <&"$from")
	[[ $said =~ ^sent\ ([0-9]+)\ received\ ([0-9]+)\ alarms\ ([0-9]+) ]] || fail "$said"
	count sent "${BASH_REMATCH[1]}"
	count received "${BASH_REMATCH[2]}"
	assert_equal "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
	# on a slow machine no more than some come
	[[ $said == *$'\nok' ]] || fail "$said"
	((BASH_REMATCH[1] > 100 && BASH_REMATCH[3] > 100)) || fail "$said"
	assert_finishes_with 0
}

@test "attach under 10000 signals a second of two kinds: each comes, once, in order, when it may" {
	start "$helpers/storm"
	attach_for 4 text,rodata,relro
	calms_down
}

@test "attach to one mapping under 10000 signals a second of two kinds" {
	start "$helpers/storm"
	attach_for 1 text:@exe
	calms_down
}

@test "attach under signals and threads that come and go" {
	start "$helpers/storm" threads
	attach_for 4 text,rodata,relro
	calms_down
}

@test "attach under signals and mappings that come and go" {
	start "$helpers/storm" maps
	attach_for 4 text,rodata,relro
	calms_down
}

@test "attach under signals and children that come and go, by fork and by vfork" {
	start "$helpers/storm" forks spawns
	attach_for 4 text,rodata,relro
	calms_down
}

@test "attach under signals, threads, mappings and children that come and go" {
	start "$helpers/storm" threads maps forks spawns
	attach_for 4 text,rodata,relro
	calms_down
}

@test "attach again and again loses no increment of restartable sequences" {
	start "$helpers/steady" rseq threads=3
	attach_for 1
	say '?'
	[[ $heard == 'ok '* ]] || fail "$heard"
	assert_finishes_with 0
}

@test "attach again and again leaves a program that computes with all registers" {
	start "$helpers/steady" plain threads=3
	attach_for 4
	say '?'
	[[ $heard == 'ok '* ]] || fail "$heard"
	assert_finishes_with 0
}
