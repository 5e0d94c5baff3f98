#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# 32-bit programs, on a kernel of 64 bits that runs them.

load helpers
load kill

setup() {
	requires mseal ptrace m32
}

@test "attach seals 32-bit programs, dynamic and static, by both oracles" {
	local program

	for program in victim32 victim32-static; do
		start "$helpers/$program" threads=2
		run -0 --separate-stderr msealctl attach "$pid"
		refute_stderr
		assert_place_sealed text
		assert_place_sealed rodata
		assert_place_open data
		assert_place_open anon-rw
		run -0 msealctl check "$pid"
		assert_finishes_with 0
	done
}

@test "attach seals each other class of a 32-bit program" {
	local place
	local -A class_of=([anon-ro]=anon [file-ro]=file [memfd-shared]=shm [data]=data [stack]=stack)

	for place in "${!class_of[@]}"; do
		start "$helpers/victim32"
		run -0 msealctl attach --seal="${class_of[$place]}" "$pid"
		assert_place_sealed "$place"
		assert_place_open text
		finish
	done
}

@test "show knows the classes of a 32-bit program's objects" {
	start "$helpers/victim32"
	run -0 msealctl show -n -r -o CLASS,OBJECT "$pid"
	for class in text rodata relro data; do
		assert_line "$class $helpers/victim32"
		assert_output --regexp "$class /[^ ]*/libc.so.6"
	done
	run -0 msealctl attach --seal=relro "$pid"
	run -0 msealctl show -n -r -o SEALED --seal=relro "$pid"
	assert_equal "$(sort -u <<<"$output")" yes
}

@test "attach says that it cannot chain the calls of a 32-bit program" {
	start "$helpers/victim32"
	run -0 --separate-stderr msealctl attach -v --seal=text,relro "$pid"
	[[ $stderr == *' calls one by one: it is a 32-bit program'* ]]
}

@test "attach --dry-run of a 32-bit program shows what attach does" {
	local dry

	start "$helpers/victim32"
	dry=$(msealctl attach --dry-run -n -r -o START,END,CLASS "$pid")
	assert [ "$dry" ]
	assert_equal "$(msealctl attach -n -r -o START,END,CLASS "$pid")" "$dry"
}

@test "calls in progress in a 32-bit program end as they would have" {
	local call

	start "$helpers/inflight32" half all
	run -0 msealctl attach "$pid"
	printf 'finish\n' >&"$to"
	while hear; do
		[[ $heard == *' ok' ]] || fail "$heard"
	done
	assert_finishes_with 0
	for call in nanosleep read futex-timed; do
		start "$helpers/inflight32" half "$call"
		run -0 msealctl attach "$pid"
		printf 'finish\n' >&"$to"
		hear
		assert_equal "$heard" "$call ok"
		assert_finishes_with 0
	done
}

@test "msealctl, killed at any step, leaves a 32-bit program unharmed" {
	local call

	sweep_and_collect 1 1 victim_is_well "$helpers/victim32"
	sweep_and_collect "$sample" 1 victim_is_well "$helpers/victim32-static"
	for call in nanosleep read poll-timed futex-timed; do
		sweep "$sample" 2 inflight_is_well "$helpers/inflight32" loop "$call"
	done
	collect_ends
}
