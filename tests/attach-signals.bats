#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Signals, masks and dispositions of a process that is attached to stay what they were.

load helpers

setup() {
	requires mseal ptrace
	# LeakSanitizer, where msealctl is built with it, refuses to work in a tracee
	export ASAN_OPTIONS=detect_leaks=0
	target=("$helpers/victim")
}

# What /proc says of the signals of all threads.
signals_of() { grep -hE '^(Pid|Sig[PBIC]|ShdPnd)' "/proc/$1"/task/*/status; }

# As killat counts them.
count_steps() {
	fresh 4
	mapfile -t steps < <("$helpers/killat" list "$msealctl" attach -q --seal="text:@exe,$fresh" "$pid" |
		awk '$1 != "process_vm_readv" { print NR }')
	assert [ "${#steps[@]}" -gt 10 ]
}

# every step, or every third of them
[[ ${MSEALCTL_TEST_LONG:-} ]] && sample=1 || sample=3

# each_step SIGNAL CHECK: send SIGNAL at the entry and the exit of each step of an
# attach to a new $target, then CHECK.  Set by it: $status of msealctl.
each_step() {
	local signal=$1 check=$2 edge at n steps

	start "${target[@]}"
	count_steps
	finish
	for ((at = 0; at < ${#steps[@]}; at += sample)); do
		n=${steps[$at]}
		for edge in entry exit; do
			start "${target[@]}"
			fresh 4
			run --separate-stderr "$helpers/killat" "$n" "$edge" "-$signal" "$pid" \
				"$msealctl" attach -q --seal="text:@exe,$fresh" "$pid"
			"$check" || fail "$signal at the $edge of step $n: $status, $output, $stderr"
		done
	done
}

@test "attach leaves masks, dispositions and pending signals of each thread" {
	local trap before

	for trap in ignored blocked handled; do
		start "$helpers/odd" signals "$trap"
		before=$(signals_of "$pid")
		run -0 msealctl attach "$pid"
		assert_equal "$(signals_of "$pid")" "$before"
		assert_place_sealed text
		# the program raises SIGTRAP now, and tells if not that happens which should
		assert_finishes_with 0
	done
}

@test "a killed msealctl leaves masks, dispositions and pending signals of each thread" {
	local edge n steps before

	start "$helpers/odd" signals handled
	before=$(signals_of "$pid")
	count_steps
	for n in "${steps[@]}"; do
		for edge in entry exit; do
			fresh 4
			run "$helpers/killat" "$n" "$edge" "$msealctl" attach -q --seal="text:@exe,$fresh" "$pid"
			# an answer: it has gone on
			say text
			assert_equal "$(signals_of "$pid")" "$before"
		done
	done
	assert_finishes_with 0
}

stops_and_goes_on() {
	[[ $status == 0 ]] && is_stopped "$pid" || return 1
	kill -CONT "$pid"
	say text
	[[ $heard == 'text EPERM' ]] || return 1
	assert_finishes_with 0
}

@test "SIGSTOP at any step of attach stops the process, once it is let go" {
	each_step STOP stops_and_goes_on
}

has_handled() {
	[[ $status == 0 && $(seal_flag "$pid" "${start_of[text]}") == sl ]] || return 1
	assert_finishes_with 1
}

@test "a signal at any step of attach finds its handler" {
	# the helper ends with status 1 if a handler has run
	target=("$helpers/odd" signals handled)
	each_step TRAP has_handled
}

dies_of_it() {
	local ended=0

	[[ $status != 139 && $status != 134 ]] || return 1
	finish || ended=$?
	[[ $ended == "$wanted" ]]
}

@test "SIGTERM at any step of attach ends the process" {
	wanted=143
	each_step TERM dies_of_it
}

@test "SIGKILL at any step of attach ends the process, and nothing else" {
	wanted=137
	each_step KILL dies_of_it
}

@test "attach leaves a stopped process stopped, and its parent is not notified" {
	start "$helpers/watcher"
	run -0 msealctl attach "$pid"
	run -0 msealctl attach --dry-run "$pid"
	run -0 msealctl attach --seal=text:@exe "$pid"
	assert_equal "$(state_of "$pid")" T
	say '?'
	assert_equal "$heard" 'told 0 0'
	assert_finishes_with 0
}

@test "a killed msealctl leaves a stopped process stopped, and its parent is not notified" {
	local edge n steps

	start "$helpers/watcher"
	count_steps
	for n in "${steps[@]}"; do
		for edge in entry exit; do
			fresh 4
			run "$helpers/killat" "$n" "$edge" "$msealctl" attach -q --seal="text:@exe,$fresh" "$pid"
			is_stopped "$pid" || fail "killed at the $edge of step $n: $(state_of "$pid")"
			say '?'
			[[ $heard == 'told 0 0' ]] || fail "killed at the $edge of step $n: $heard"
		done
	done
	assert_finishes_with 0
}

goes_on() {
	[[ $status == 0 && $(state_of "$pid") != T ]] || return 1
	say text
	[[ $heard == 'text EPERM' ]] || return 1
	assert_finishes_with 0
}

@test "SIGCONT at any step of attach continues a stopped process, once it is let go" {
	local edge at n steps

	start "$helpers/victim"
	count_steps
	finish
	for ((at = 0; at < ${#steps[@]}; at += sample)); do
		n=${steps[$at]}
		for edge in entry exit; do
			start "$helpers/victim"
			kill -STOP "$pid"
			is_stopped "$pid"
			fresh 4
			run --separate-stderr "$helpers/killat" "$n" "$edge" -CONT "$pid" \
				"$msealctl" attach -q --seal="text:@exe,$fresh" "$pid"
			goes_on || fail "the $edge of step $n: $status, $output, $stderr, $(state_of "$pid")"
		done
	done
}

@test "a signal that msealctl was started to ignore does not end it" {
	local signal

	requires program:strace
	start "$helpers/victim"
	for signal in HUP INT TERM; do
		# shellcheck disable=SC2016 # for that shell
		run -0 --separate-stderr bash -c 'trap "" "$1"; exec strace -qq -o /dev/null -e "inject=ptrace:signal=$1:when=2" "${@:2}"' _ \
			"$signal" "$msealctl" attach -q --seal=text:@exe "$pid"
		refute_stderr
	done
}
