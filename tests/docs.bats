#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The manual says what the program does.

load helpers

setup() {
	requires program:mandoc
	manual=$TOP_SRCDIR/man/msealctl.1
	mandoc -T utf8 "$manual" | sed 's/.\x08//g' >"$BATS_TEST_TMPDIR/text"
}

assert_in_manual() { grep -qwF -e "$1" "$BATS_TEST_TMPDIR/text" || fail "not in the manual: $1"; }

@test "the manual pages are clean for mandoc" {
	for page in "$TOP_SRCDIR"/man/*.[1-8]; do
		run -0 mandoc -T lint -W warning "$page"
		assert_output ''
	done
}

@test "the manual has every option of every command" {
	for command in exec attach show check list probe; do
		while read -r option; do
			assert_in_manual "$option"
		done < <(msealctl "$command" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | tr -d ' ,' |
			grep -oE -e '--[a-z-]+|^-[a-zA-Z]')
	done
}

@test "the manual has no option that there is not" {
	run -0 grep -oE -e '(^| |\[)--[a-z][a-z-]+' "$BATS_TEST_TMPDIR/text"
	known=$(for command in '' exec attach show check list probe; do
		msealctl ${command:+"$command"} --help
	done)
	while read -r option; do
		grep -qwF -e "${option#[}" <<<"$known" || fail "only in the manual: $option"
	done < <(tr -d ' ' <<<"$output" | sort -u)
}

@test "the manual has every column and every item" {
	for command in show list probe; do
		while read -r column _; do
			# list has these for every class
			column=${column%-SEALED}
			assert_in_manual "${column%-TOTAL}"
		done < <(msealctl "$command" --list-columns)
	done
	while read -r item; do
		assert_in_manual "$item"
	done < <(msealctl probe -n -r -o ITEM || true)
}

@test "the manual has every class and every exit status" {
	for word in text rodata relro data stack heap vdso anon file shm all dlopened name:glob @exe; do
		assert_in_manual "$word"
	done
	for status in 0 1 2 3 125 126 127; do
		grep -qE "^ +$status( |$)" "$BATS_TEST_TMPDIR/text" || fail "status $status"
	done
}

@test "the manual's sections are there, in their order" {
	expected='NAME SYNOPSIS DESCRIPTION OPTIONS EXIT STATUS EXAMPLES NOTES SEE ALSO'
	found=$(sed -n 's/^\([A-Z][A-Z ]*[A-Z]\)$/\1/p' "$BATS_TEST_TMPDIR/text" |
		grep -xE 'NAME|SYNOPSIS|DESCRIPTION|OPTIONS|EXIT STATUS|EXAMPLES|NOTES|SEE ALSO' | xargs)
	assert_equal "$found" "$expected"
}

@test "the manual's examples work when pasted" {
	requires mseal ptrace shim program:jq
	# nobody pastes so fast that "sleep" has not begun to sleep: 230 is clock_nanosleep()
	begun='until grep -q "^230 " /proc/$!/syscall; do kill -0 $!; done'
	{
		echo 'set -e'
		sed -n '/^\.Sh EXAMPLES/,/^\.Sh NOTES/s/^\(\.Dl \)\{0,1\}\$ //p' "$manual" |
			sed "s/\\\\-/-/g; s|^sleep 100 &\$|&\n$begun|"
		echo 'kill $!'
	} >"$BATS_TEST_TMPDIR/examples"
	assert [ "$(grep -c '^msealctl' "$BATS_TEST_TMPDIR/examples")" -ge 8 ]
	PATH=${msealctl%/*}:$PATH run -0 bash "$BATS_TEST_TMPDIR/examples" </dev/null
	assert_line sealed
	assert_line --regexp '^0x[0-9a-f]+$'
}
