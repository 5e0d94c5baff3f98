#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

setup() {
	requires mseal ptrace
	start "$helpers/victim"
}

@test "check exits 3 with the rows that are not sealed, or 0 with none" {
	requires private-proc
	run -3 --separate-stderr msealctl check -n -r -o CLASS,SEALED --seal=text:@exe,relro:@exe "$pid"
	assert_equal "$(sort <<<"$output")" $'relro no\ntext no'
	refute_stderr
	run -0 msealctl attach --seal=text:@exe "$pid"
	run -3 msealctl check -n -r -o CLASS,SEALED --seal=text:@exe,relro:@exe "$pid"
	assert_output 'relro no'
	run -0 msealctl attach "$pid"
	run -0 --separate-stderr msealctl check "$pid"
	assert_output --regexp "^$pid victim: [0-9]+ sealed$"
	refute_stderr
	run -0 msealctl check -r "$pid"
	assert_output ''
}

@test "the default selection of check is that of the commands that seal" {
	run -0 msealctl attach "$pid"
	run -0 msealctl check "$pid"
	run -0 msealctl check --seal=text,rodata,relro "$pid"
	run -3 msealctl check --seal=text,rodata,relro,data "$pid"
	run -0 msealctl check --seal=text,rodata,relro,data --exclude=data "$pid"
}

@test "check counts a region that is sealed in part as not sealed" {
	middle=$(printf '0x%x' $((start_of[anon-ro] + 4096)))
	run -0 msealctl attach --seal="${start_of[anon-ro]}-$middle" "$pid"
	run -0 msealctl check --seal="${start_of[anon-ro]}-$middle" "$pid"
	run -3 msealctl check --seal="${start_of[anon-ro]}-${end_of[anon-ro]}" "$pid"
}

@test "check exits 3 for a term that matches in no process, 1 for an empty class" {
	local other=$pid

	start_shell
	run -0 msealctl attach "$other" "$pid"
	run -3 --separate-stderr msealctl check -q --seal=text,text:nothing "$other" "$pid"
	assert_stderr "msealctl: --seal: 'text:nothing' matches nothing in any of the processes"
	run -0 --separate-stderr msealctl check --seal=text:victim,rodata:bash "$other" "$pid"
	refute_stderr
	run -1 --separate-stderr msealctl check --seal=text,shm "$pid"
	assert_stderr "msealctl: $pid: --seal: 'shm' matches nothing"
	run -3 --separate-stderr msealctl check -q --seal=text --exclude=text "$pid"
	assert_stderr "msealctl: $pid: nothing is selected"
}

@test "check of several processes: the worst status wins, 1 over 3" {
	first=$pid
	run -0 msealctl attach "$first"
	start "$helpers/victim"
	run -3 msealctl check "$first" "$pid"
	run -3 msealctl check "$pid" "$first"
	run -1 msealctl check "$pid" 4194305
	run -1 msealctl check 4194305 "$first"
	run -0 msealctl check "$first" "$first"
}

@test "check changes nothing" {
	run -3 msealctl check --seal=all "$pid"
	assert_equal "$(sealed_count "$pid")" 0
}

@test "check --quiet answers by the status alone" {
	run -3 --separate-stderr msealctl check --quiet "$pid"
	assert_output ''
	refute_stderr
}

@test "check --json has the rows that are not sealed" {
	requires program:jq private-proc
	run -3 msealctl check --json --seal=text:@exe "$pid"
	run -0 jq -c '[.regions[] | .sealed]' <<<"$output"
	assert_output '[false]'
	run -0 msealctl attach "$pid"
	run -0 msealctl check --json "$pid"
	run -0 jq -c . <<<"$output"
	assert_output '{"regions":[]}'
}
