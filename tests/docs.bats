#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The manual says what the program does.

load helpers

setup() {
	requires program:mandoc
	man=$TOP_SRCDIR/man
	commands=(exec attach show check list probe help)
}

# page_of COMMAND: the page that describes it
page_of() {
	case $1 in
	help) echo msealctl.1 ;;
	exec | attach) echo "msealctl-$1.1" ;;
	*) echo msealctl-show.1 ;;
	esac
}

# text_of PAGE...: as plain text
text_of() {
	local page

	for page; do
		mandoc -T utf8 "$man/$page" | sed 's/.\x08//g'
	done
}

assert_in() {
	local page=$1 word=$2

	text_of "$page" | grep -wF -e "$word" >/dev/null || fail "not in $page: $word"
}

# options_of [COMMAND]: long and short, as its help has them
options_of() {
	msealctl ${1:+"$1"} --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | tr -d ' ,' |
		grep -oE -e '--[a-z-]+|^-[a-zA-Z]'
}

@test "the manual pages are clean for mandoc" {
	for page in "$man"/*.[1-8]; do
		# it looks for the pages of others on this machine
		run -0 sh -c 'mandoc -T lint -W style "$1" 2>&1 |
			grep -vE "referenced manual not found|outdated mandoc.db" || true' _ "$page"
		assert_output ''
	done
}

@test "the manual pages refer to pages that there are" {
	run -0 sed -nE 's/^\.(Pq )?Xr (mseal[^ ]*) ([1-8]).*/\2.\3/p' "$man"/*.[1-8]
	assert [ "${#lines[@]}" -ge 20 ]
	for page in "${lines[@]}"; do
		assert [ -e "$man/$page" ]
	done
}

@test "the manual pages fit 80 columns, for man and for mandoc" {
	requires program:man
	for page in "$man"/*.[1-8]; do
		run -0 env MANWIDTH=80 man -l "$page"
		refute_output --regexp $'(^|\n)[^\n]{81}'
		run -0 text_of "${page##*/}"
		refute_output --regexp $'(^|\n)[^\n]{81}'
	done
}

@test "the manual has every option of every command, on its page" {
	for command in "${commands[@]}"; do
		mapfile -t options < <(options_of "$command")
		assert [ "${#options[@]}" -ge 4 ]
		page=$(text_of "$(page_of "$command")")
		for option in "${options[@]}"; do
			# letters are only where the option is described
			[[ $option == --* ]] || page+=$(text_of msealctl.1 msealctl-show.1)
			grep -qE -e "(^|[^-a-z])$option($|[^-a-z])" <<<"$page" ||
				fail "not in the manual: $command $option"
		done
	done
}

@test "the manual has no option that there is not" {
	known=$(options_of; for command in "${commands[@]}"; do options_of "$command"; done)
	run -0 text_of msealctl.1 msealctl-exec.1 msealctl-attach.1 msealctl-show.1
	mapfile -t options < <(grep -oE -e '(^|[ [])--[a-z][a-z-]+' <<<"$output" | tr -d ' [' | sort -u)
	assert [ "${#options[@]}" -ge 15 ]
	for option in "${options[@]}"; do
		grep -qxF -e "$option" <<<"$known" || fail "only in the manual: $option"
	done
}

@test "the manual has every column and every item" {
	for command in show list probe; do
		while read -r column _; do
			# list has these for every class
			column=${column%-SEALED}
			assert_in msealctl-show.1 "${column%-TOTAL}"
		done < <(msealctl "$command" --list-columns)
	done
	while read -r item; do
		assert_in msealctl-show.1 "$item"
	done < <(msealctl probe -n -r -o ITEM || true)
}

@test "the manual has every class and every exit status" {
	for word in text rodata relro data stack heap vdso anon file shm all dlopened name:glob @exe; do
		assert_in msealctl-select.7 "$word"
	done
	for status in 0 1 2 3 125 126 127; do
		text_of msealctl.1 | grep -E "^ +$status( |$)" >/dev/null || fail "status $status"
	done
}

@test "the manual begins with recipes" {
	expected='NAME SYNOPSIS DESCRIPTION RECIPES COMMANDS OPTIONS EXIT STATUS NOTES SEE ALSO'
	found=$(text_of msealctl.1 | sed -n 's/^\([A-Z][A-Z ]*[A-Z]\)$/\1/p' | grep -vx ENVIRONMENT | xargs)
	assert_equal "$found" "$expected"
}

# examples_of PROMPT PAGE...: the commands behind that prompt, with the lines that go on
examples_of() {
	local prompt=$1

	shift
	(cd "$man" && cat "$@") | awk -v prompt="$prompt" '
		{ sub(/^\.Dl /, "") }
		index($0, prompt " ") == 1 { print substr($0, length(prompt) + 2); more = 1; next }
		/^  / && more { print; next }
		{ more = 0 }' | sed 's/\\-/-/g; s/\\e/\\/g'
}

@test "the manual's examples work when pasted" {
	requires mseal ptrace shim program:jq
	# nobody pastes so fast that "sleep" has not begun to sleep: 230 is clock_nanosleep()
	begun='until grep -q "^230 " /proc/$!/syscall; do kill -0 $!; done'
	export PATH=${msealctl%/*}:$PATH
	for page in msealctl.1 msealctl-exec.1 msealctl-attach.1 msealctl-show.1 msealctl-select.7 \
		msealctl-service.7; do
		{
			echo 'set -e'
			examples_of '$' "$page" | sed "s|^sleep 100 &\$|&\n$begun|"
			echo 'kill $(jobs -p) 2>/dev/null || true'
		} >"$BATS_TEST_TMPDIR/$page"
		assert [ "$(grep -c '^msealctl' "$BATS_TEST_TMPDIR/$page")" -ge 1 ]
		run -0 bash "$BATS_TEST_TMPDIR/$page" </dev/null
		[[ $page != @(msealctl|msealctl-attach).1 ]] || assert_line sealed
	done
}

@test "the manual's recipes for a service work when pasted, for one of another name" {
	requires mseal ptrace program:jq
	# where it can judge all processes
	space=(unshare --pid --fork --mount-proc --kill-child)
	"${space[@]}" true 2>/dev/null || skip "no PID namespaces here"
	cp "$helpers/victim" "$BATS_TEST_TMPDIR/service"
	{
		echo 'coproc service { exec "$1"; }'
		echo 'until read -r line <&"${service[0]}" && [[ $line == ready ]]; do kill -0 $!; done'
		# there is no systemd(1) in here
		examples_of '#' msealctl.1 msealctl-exec.1 msealctl-attach.1 msealctl-show.1 |
			sed 's/--unit=nginx/--name=nginx/g; s/nginx/service/g'
	} >"$BATS_TEST_TMPDIR/recipe"
	assert [ "$(grep -c ^msealctl "$BATS_TEST_TMPDIR/recipe")" -ge 5 ]
	PATH=${msealctl%/*}:$PATH run -0 "${space[@]}" bash -e "$BATS_TEST_TMPDIR/recipe" \
		"$BATS_TEST_TMPDIR/service" 3>&-
	assert_line sealed
	assert_line --regexp "^[0-9]+ service: [0-9]+ sealed"
}

@test "the manual's drop-in is the example that services.bats tests" {
	run -0 grep '^ExecStartPost=' "$man/examples/attach.conf"
	for page in msealctl.1 msealctl-service.7; do
		assert_equal "$(grep '^ *ExecStartPost=' "$man/$page" | sed 's/^ *//')" "$output"
	done
}

@test "the program in mseal(2) prints what the page says" {
	requires mseal program:gcc
	# example_after LINE: the literal text that follows it
	example_after() {
		sed -n "/^$1/,/^\.Ed/p" "$man/mseal.2" |
			sed '1,/^\.Bd/d; /^\.Ed/d; s/\\-/-/g; s/\\e/\\/g'
	}
	example_after 'This program' >"$BATS_TEST_TMPDIR/example.c"
	run -0 gcc -Wall -Wextra -Werror -o "$BATS_TEST_TMPDIR/example" "$BATS_TEST_TMPDIR/example.c"
	run -0 "$BATS_TEST_TMPDIR/example"
	# puts(3) comes last, since standard output is buffered
	assert_equal "$output" "$(example_after 'It prints')"
}
