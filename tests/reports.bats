#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What show, attach and check print for a person: totals, the rows that matter, colours and
# the width of the terminal.

load helpers

@test "a process that is sealed whole is one line of attach and of check" {
	requires mseal ptrace
	start "$helpers/victim"
	count=$(msealctl show -n -r -o START --seal=text,rodata,relro "$pid" | wc -l)
	run -0 msealctl attach --dry-run --summary "$pid"
	assert_output "$pid victim: $count would-seal"
	run -0 msealctl attach "$pid"
	assert_output "$pid victim: $count sealed"
	run -0 msealctl attach "$pid"
	assert_output "$pid victim: $count already"
	run -0 msealctl check "$pid"
	assert_output "$pid victim: $count sealed"
}

@test "below its totals are the rows that matter, and with --verbose all of them" {
	requires mseal ptrace private-proc
	start "$helpers/victim"
	run -0 msealctl attach -q --seal=text "$pid"
	for command in check show; do
		run msealctl "$command" --seal=text:@exe,relro:@exe "$pid"
		assert_line --index 0 "$pid victim: 1 sealed, 1 not sealed"
		assert_line --index 1 --regexp '^ +START +SIZE PERM CLASS SEALED NAME$'
		assert_line --index 2 --regexp ' r--p relro no +/.*victim$'
		# check also has a line that says what to do
		rows=$([[ $command == show ]] && echo 3 || echo 4)
		assert_equal "${#lines[@]}" "$rows"
		run msealctl "$command" --verbose --seal=text:@exe,relro:@exe "$pid"
		assert_line --regexp ' r-xp text +yes +/.*victim$'
		assert_equal "${#lines[@]}" $((rows + 1))
		run msealctl "$command" --summary --seal=text:@exe,relro:@exe "$pid"
		assert_output "$pid victim: 1 sealed, 1 not sealed"
	done
	run -0 msealctl attach --verbose --seal=text:@exe,relro:@exe "$pid"
	assert_line --regexp "^$pid victim: 1 sealed, 1 already$"
	assert_line --regexp ' relro sealed '
	assert_line --regexp ' text +already '
}

@test "attach has a row for what was skipped, and counts it" {
	local total

	requires mseal ptrace
	requires_python ctypes
	# the first page of its libc becomes writable, which the ELF header does not ask for
	start python3 -c 'import ctypes, mmap, os
row = next(l for l in open("/proc/self/maps") if "/libc.so.6" in l)
assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(int(row.split("-")[0], 16)), mmap.PAGESIZE, 3) == 0
print("pid", os.getpid(), "\nready", flush=True); input()'
	total=$(msealctl show -n -r -o START --seal=rodata:libc.so.6 "$pid" | wc -l)
	run -3 msealctl attach --seal=rodata:libc.so.6 "$pid"
	assert_line --index 0 "$pid python3: $((total - 1)) sealed, 1 skipped"
	assert_line --index 1 --regexp '^ +START +SIZE PERM CLASS +RESULT +REASON +NAME$'
	assert_line --index 2 --regexp " 4K rw-p rodata skipped writable against its ELF headers, .*/libc.so.6$"
	assert_equal "${#lines[@]}" 3
	run -3 msealctl attach --summary --color=always --seal=rodata:libc.so.6 "$pid"
	assert_output "$pid python3: $((total - 1)) already, "$'\033[33m1 skipped\033[0m'
}

@test "show counts everything but what cannot be sealed, and shows what is not sealed" {
	requires mseal ptrace
	start "$helpers/victim"
	run -0 msealctl attach -q "$pid"
	sealed=$(msealctl show -n -r -o SEALED "$pid" | grep -cx yes)
	open=$(msealctl show -n -r -o SEALED,CLASS "$pid" | grep -c '^no [^-]')
	run -0 msealctl show "$pid"
	assert_line --index 0 "$pid victim: $sealed sealed, $open not sealed"
	assert_equal "${#lines[@]}" $((open + 2))
	refute_line --regexp ' yes '
}

@test "raw and JSON output and chosen columns have all rows and no totals" {
	requires program:jq mseal ptrace private-proc
	start "$helpers/victim"
	run -0 msealctl attach -J --seal=text:@exe "$pid"
	run -0 jq -c '[.regions[].result]' <<<"$output"
	assert_output '["sealed"]'
	run -0 msealctl attach -r -n --seal=text:@exe "$pid"
	assert_output --regexp "^$pid 0x[0-9a-f]+ 0x[0-9a-f]+ r-xp text already - /"
	run -0 msealctl show -n -o PID,CLASS,SEALED --seal=text:@exe "$pid"
	assert_output --regexp "^ *$pid text +yes$"
	run -1 --separate-stderr msealctl show --summary -J "$pid"
	[[ $stderr == "msealctl: --summary and --json do not go together"* ]]
	run -1 --separate-stderr msealctl show --summary -v "$pid"
	[[ $stderr == "msealctl: --summary and --verbose do not go together"* ]]
}

@test "on a terminal no row is longer than it, and the end of a path is kept" {
	requires terminal
	mkdir -p "$BATS_TEST_TMPDIR/a/long/way/to/a/file/with/a/name/that/is/ünïcödé"
	cp "$helpers/victim" "$BATS_TEST_TMPDIR/a/long/way/to/a/file/with/a/name/that/is/ünïcödé"
	start "$BATS_TEST_TMPDIR/a/long/way/to/a/file/with/a/name/that/is/ünïcödé/victim"
	for command in "show $pid" "show -v $pid" "check $pid" "attach --dry-run -v $pid" list \
		"show -o PID,START,NAME,ARGS,OBJECT $pid"; do
		# shellcheck disable=SC2086 # words
		run in_terminal 80 env NO_COLOR=1 "$msealctl" $command
		for line in "${lines[@]}"; do
			# how far it is was there before, and is erased
			line=${line##*$'\033[K'}
			((${#line} <= 80)) || fail "$command: $line"
		done
	done
	run -0 in_terminal 80 "$msealctl" show -o START,NAME,OBJECT --seal=text:@exe "$pid"
	assert_output --regexp ' …[^ ]*/ünïcödé/victim +…[^ ]*/ünïcödé/victim'
	LC_ALL=C run -0 in_terminal 80 "$msealctl" show -o START,NAME,OBJECT --seal=text:@exe "$pid"
	assert_output --regexp ' \.\.[^ ]*/victim +\.\.[^ ]*/victim'
	run -0 in_terminal 80 "$msealctl" show --notruncate -o START,NAME,OBJECT --seal=text:@exe "$pid"
	assert_output --partial " $BATS_TEST_TMPDIR/a/long/way/"
	run -0 msealctl show -o START,NAME,OBJECT --seal=text:@exe "$pid"
	assert_output --partial " $BATS_TEST_TMPDIR/a/long/way/"
}

@test "rows that are too long for the terminal all the same are not cut" {
	requires terminal
	mkdir -p "$BATS_TEST_TMPDIR/a/way/that/is/longer/than/a/line"
	cp "$helpers/victim" "$BATS_TEST_TMPDIR/a/way/that/is/longer/than/a/line"
	start "$BATS_TEST_TMPDIR/a/way/that/is/longer/than/a/line/victim"
	for command in "show -o +HAZARD,DLOPENED $pid" "show -o +COMMAND,ARGS,USER,UNIT,EXE $pid" \
		"show --output-all $pid" "attach --dry-run --seal=all -o +HAZARD $pid" \
		"list --seal=all -o +HAZARD,EXE $pid" "list -o +ARGS,UNIT,EXE $pid"; do
		# shellcheck disable=SC2086 # words
		run -0 in_terminal 80 "$msealctl" $command
		assert_output --partial "$BATS_TEST_TMPDIR/a/way/that/is/longer/than/a/line/victim"
		refute_output --partial …
	done
	# HAZARD keeps more than a word of it
	run -0 in_terminal 80 "$msealctl" show -o START,NAME,OBJECT,HAZARD --seal=shm "$pid"
	for line in "${lines[@]}"; do
		((${#line} <= 80)) || fail "$line"
	done
	assert_line --regexp ' (none|replaceable)$'
}

@test "a name that is hard to print leaves room for the totals" {
	requires terminal program:python3
	start python3 -c 'import os
open("/proc/self/comm", "wb").write(b"\x1b\xff\x1b\xff\x1b\xff\x1b\xff\x1b\xff\x1b\xff\x1b\xff\x1b")
print("pid", os.getpid(), "\nready", flush=True); input()'
	run -0 in_terminal 80 "$msealctl" show --summary "$pid"
	assert_output --regexp "^$pid (\\\\x1b\\\\xff){2}\\\\x1b\\\\xf?…?[^:]*: [0-9]+ not sealed$"
	((${#output} <= 80))
	run -0 msealctl show --summary "$pid"
	assert_output --regexp "^$pid (\\\\x1b\\\\xff){7}\\\\x1b: [0-9]+ not sealed$"
}

@test "on a terminal what is bad has colours, and what is well has none" {
	requires terminal mseal ptrace private-proc
	start "$helpers/victim"
	run -3 in_terminal 80 "$msealctl" check --seal=text:@exe "$pid"
	assert_line --index 0 "$pid victim: "$'\033[33m1 not sealed\033[0m'
	NO_COLOR=1 run -3 in_terminal 80 "$msealctl" check --seal=text:@exe "$pid"
	assert_line --index 0 "$pid victim: 1 not sealed"
	run -3 in_terminal 80 "$msealctl" check --color=never --seal=text:@exe "$pid"
	assert_line --index 0 "$pid victim: 1 not sealed"
	run -0 in_terminal 80 "$msealctl" attach -v --seal=text:@exe "$pid"
	refute_output --partial $'\033['
	assert_line --partial ' sealed '
}

@test "a terminal shows how far a long job is, and then not any more" {
	requires terminal mseal
	"$helpers/unserved" </dev/null >/dev/null || skip "no userfaultfd here"
	start "$helpers/unserved"
	stuck=$pid
	start "$helpers/victim"
	# it is given up after a second
	run -1 in_terminal 80 "$msealctl" show --summary "$stuck" "$pid"
	assert_output --partial $'\r1 of 2 processes\033[K\r\033[K'"$pid victim: "
	run -1 --separate-stderr msealctl show --summary "$stuck" "$pid"
	assert_equal "$stderr" "msealctl: $stuck: cannot read its memory: it took too long, perhaps as a FUSE server or userfaultfd holds a page"
}
