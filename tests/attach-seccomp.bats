#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# No seccomp filter of a process ends it because of us.

load helpers

nobody=65534

setup() {
	requires mseal ptrace
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	cp "$msealctl" "$helpers"/{inflight,noseal,odd,victim} "$bin"
	as_user=()
	if ((EUID == 0)); then
		requires program:setpriv
		chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
		as_user=(env BATS_TEST_TMPDIR=/tmp
			setpriv "--reuid=$nobody" "--regid=$nobody" --clear-groups --)
	fi
}

requires_own_ptrace() {
	"${as_user[@]}" "$bin/msealctl" probe -n -r -o ITEM,VALUE | grep -qx 'ptrace yes' ||
		lacks ptrace "one's own processes cannot be traced here"
}

# As who may not suspend filters: msealctl says that there is one, and nothing happens.
# That it sees that the filter allows the call is as good.
assert_sealed_or_refused() {
	run --separate-stderr "${as_user[@]}" "$bin/msealctl" attach "$pid"
	if ((status == 0)); then
		assert_place_sealed text
	else
		[[ $stderr == *"$pid: "*seccomp* || $output == *seccomp* ]] ||
			fail "status $status: $stderr"
		assert_place_open text
	fi
}

@test "root seals past filters that end the process, the thread, send SIGSYS or refuse mseal" {
	local mode

	requires root
	for mode in kill killthread trap eperm enosys pass; do
		start "$helpers/noseal" "$mode" "$helpers/victim"
		run -0 --separate-stderr msealctl attach "$pid"
		refute_stderr
		assert_place_sealed text
		assert_finishes_with 0
	done
}

@test "root seals past such filters in a process with threads" {
	local mode

	requires root
	for mode in kill killthread trap eperm; do
		start "$helpers/noseal" "$mode" "$helpers/victim" threads=5
		run -0 msealctl attach "$pid"
		assert_place_sealed text
		assert_equal "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" 6
		assert_finishes_with 0
	done
}

@test "a user without privileges is refused where a filter denies mseal" {
	local mode

	requires_own_ptrace
	for mode in kill killthread trap eperm enosys; do
		start "${as_user[@]}" "$bin/noseal" "$mode" "$bin/victim" threads=2
		run --separate-stderr "${as_user[@]}" "$bin/msealctl" attach "$pid"
		[[ $status == [13] ]] || fail "$mode: status $status"
		[[ $stderr == *seccomp* || $output == *seccomp* ]] || fail "$mode: $stderr"
		assert_place_open text
		assert_equal "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" 3
		assert_finishes_with 0
	done
}

# dry_run_says_the_same COMMAND...: as attach, of a process with a filter
dry_run_says_the_same() {
	run -1 --separate-stderr "$@" attach --seal=text "$pid"
	refused=$stderr
	run -1 --separate-stderr "$@" attach --dry-run --seal=text "$pid"
	assert_output ''
	assert_stderr "$refused"
	[[ $stderr == "msealctl: $pid: cannot seal: it has a seccomp filter, "* ]] || fail "$stderr"
}

@test "attach --dry-run refuses what a filter keeps attach from" {
	requires_own_ptrace
	start "${as_user[@]}" "$bin/noseal" pass "$bin/victim"
	dry_run_says_the_same "${as_user[@]}" "$bin/msealctl"
	# one thread without it is enough
	start "${as_user[@]}" "$bin/odd" strict-thread
	run -0 "${as_user[@]}" "$bin/msealctl" attach --dry-run "$pid"
	requires root
	start "$bin/noseal" pass "$bin/victim"
	run -0 msealctl attach --dry-run --seal=text "$pid"
	# msealctl has one itself
	dry_run_says_the_same "$bin/noseal" pass "$bin/msealctl"
	run -0 msealctl attach --seal=text "$pid"
	# no call is left to be made
	run -0 "$bin/noseal" pass "$bin/msealctl" attach --dry-run --seal=text "$pid"
}

@test "a user without privileges and a filter that allows mseal" {
	requires_own_ptrace
	start "${as_user[@]}" "$bin/noseal" pass "$bin/victim"
	assert_sealed_or_refused
	assert_finishes_with 0
}

timed_calls() {
	mapfile -t timed < <(calls_here nanosleep clock_nanosleep clock_nanosleep-relative poll \
		poll-timed futex-timed futex-bitset)
}

all_end_well() {
	printf 'finish\n' >&"$to"
	while hear; do
		[[ $heard == *' ok' ]] || fail "$heard"
	done
	assert_finishes_with 0
}

# The kernel does not tell how much of a timeout is left, and without restart_syscall
# the call begins anew.
@test "root and a filter that ends the process for restart_syscall" {
	local call timed

	requires root
	timed_calls
	start "$helpers/noseal" norestart "$helpers/inflight" half late "${timed[@]}"
	run -0 msealctl attach "$pid"
	all_end_well
	# where the thread that makes the call also makes ours
	for call in nanosleep futex-timed; do
		start "$helpers/noseal" norestart "$helpers/inflight" late "$call"
		run -0 msealctl attach -q --seal=text:@exe "$pid"
		run -0 msealctl attach -q --seal=relro:@exe "$pid"
		all_end_well
	done
}

@test "a user without privileges and a filter that ends the process for restart_syscall" {
	local timed

	requires_own_ptrace
	timed_calls
	start "${as_user[@]}" "$bin/noseal" norestart "$bin/inflight" half late "${timed[@]}"
	run --separate-stderr "${as_user[@]}" "$bin/msealctl" attach --seal=text:@exe "$pid"
	[[ $status == 0 || $stderr == *"$pid: "*seccomp* || $output == *seccomp* ]] ||
		fail "status $status: $stderr"
	all_end_well
}

@test "root and a process in strict seccomp mode" {
	requires root
	start "$helpers/odd" strict
	hear
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	assert_equal "$(seal_flag "$pid" "${start_of[text]}")" sl
	assert_finishes_with 0
}

@test "a user without privileges and a process in strict seccomp mode" {
	requires_own_ptrace
	start "${as_user[@]}" "$bin/odd" strict
	hear
	run -1 --separate-stderr "${as_user[@]}" "$bin/msealctl" attach "$pid"
	[[ $stderr == *"$pid: "*seccomp* ]] || fail "$stderr"
	assert_equal "$(seal_flag "$pid" "${start_of[text]}")" ''
	assert_finishes_with 0
}

@test "attach to a process with one thread in strict seccomp mode" {
	start "$helpers/odd" strict-thread
	run -0 --separate-stderr msealctl attach "$pid"
	assert_place_sealed text
	assert_finishes_with 0
	requires_own_ptrace
	start "${as_user[@]}" "$bin/odd" strict-thread
	assert_sealed_or_refused
	assert_finishes_with 0
}

@test "the filter of a process with many groups is found, late in /proc/PID/status" {
	requires root program:python3
	start python3 -c 'import os, sys
os.setgroups(range(1000, 2500))
os.execvp(sys.argv[1], sys.argv[1:])' "$helpers/noseal" kill "$helpers/victim"
	run -0 msealctl attach "$pid"
	assert_place_sealed text
	assert_finishes_with 0
}

# The instruction that msealctl borrows is changed right before a thread executes it.
@test "no call but mseal is made while a filter is suspended, whatever the code becomes" {
	local kind step dir=$BATS_TEST_TMPDIR/made

	requires root
	[[ -x $helpers/swap ]] || skip "code that changes is there for x86-64 alone"
	# a leak sanitizer stops msealctl with ptrace, as killat does
	export ASAN_OPTIONS=detect_leaks=0
	for kind in mkdir vfork arguments compat elsewhere fault spin; do
		start "$helpers/swap" "$BATS_TEST_TMPDIR/ld-$kind" "$dir" "$kind"
		step=$("$helpers/killat" list "$msealctl" attach -q --seal=text:@exe "$pid" |
			awk '$1 == "PTRACE_SYSCALL" { print NR; exit }')
		assert_finishes_with 0
		start "$helpers/swap" "$BATS_TEST_TMPDIR/ld-$kind" "$dir" "$kind"
		run -1 --separate-stderr timeout -k 1 60 "$helpers/killat" "$step" entry +TERM \
			"${start_of[writer]}" "$msealctl" attach --timeout=1 --seal=text:@exe "$pid"
		case $kind in
		fault) assert_stderr "msealctl: $pid: cannot seal: it could not run the call" ;;
		spin) assert_stderr "msealctl: $pid: cannot seal: it did not run the call in time" ;;
		*) [[ $stderr == *'its code was changed meanwhile'* ]] || fail "$kind: $stderr" ;;
		esac
		assert [ ! -e "$dir" ]
		assert_equal "$(sealed_count "$pid")" 0
		assert_finishes_with 0
	done
}

@test "attach gives up where the borrowed instruction cannot be read any more" {
	local step dir=$BATS_TEST_TMPDIR/fuse target

	requires root fuse
	[[ -x $helpers/swap ]] || skip "code that changes is there for x86-64 alone"
	# a leak sanitizer stops msealctl with ptrace, as killat does
	export ASAN_OPTIONS=detect_leaks=0
	mkdir "$dir"
	target=("$helpers/fuse" "$dir" run "$helpers/swap" "$dir/ld-drop" - drop)
	start "${target[@]}"
	step=$("$helpers/killat" list "$msealctl" attach -q --seal=text:@exe "$pid" |
		awk '$1 == "PTRACE_SYSCALL" { print NR; exit }')
	assert_finishes_with 0
	start "${target[@]}"
	run -1 --separate-stderr timeout -k 1 60 "$helpers/killat" "$step" entry +TERM \
		"${start_of[writer]}" "$msealctl" attach --timeout=1 --seal=text:@exe "$pid"
	assert_stderr "msealctl: $pid: cannot seal: it did not run the call in time"
}
