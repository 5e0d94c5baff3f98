#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

@test "--help names every command and goes to stdout" {
	run -0 --separate-stderr msealctl --help
	for command in exec attach show check list probe; do
		assert_line --regexp "^  $command "
	done
	refute_stderr
}

@test "--version begins with the name" {
	run -0 msealctl --version
	assert_line --index 0 --regexp '^msealctl [0-9]'
}

@test "every command has a --help" {
	for command in exec attach show check list probe; do
		run -0 --separate-stderr msealctl "$command" --help
		assert_line --index 0 --partial "Usage: msealctl $command "
		assert_output --partial ' --quiet '
	done
}

@test "no command is an error" {
	run -1 --separate-stderr msealctl
	assert_output ''
	assert_stderr "msealctl: no command given
Try 'msealctl --help' for more information."
}

@test "commands are exact words" {
	for word in atta shows SHOW ''; do
		run -1 --separate-stderr msealctl "$word" $$
		assert_output ''
		assert_stderr "msealctl: $word: unknown command
Try 'msealctl --help' for more information."
	done
}

@test "unknown options are errors, under exec with 125" {
	run -1 --separate-stderr msealctl show --nope $$
	assert_output ''
	assert_stderr "msealctl: --nope: unknown option
Try 'msealctl show --help' for more information."
	run -1 msealctl attach --dry $$
	run -125 --separate-stderr msealctl exec --nope -- touch "$BATS_TEST_TMPDIR/ran"
	assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "options of one command are unknown to another" {
	run -1 msealctl show --dry-run $$
	run -1 msealctl attach --inherit $$
	run -125 msealctl exec --json -- true
}

@test "a PID must be a decimal number" {
	for word in 0 -1 +1 0x10 1.0 1x '' ' 1' 99999999999999999999; do
		run -1 msealctl show -- "$word"
	done
	run -1 --separate-stderr msealctl show 12x
	assert_stderr "msealctl: 12x: not a PID"
}

@test "a command without its PID is an error" {
	for command in show attach check; do
		run -1 --separate-stderr msealctl "$command"
		assert_stderr "msealctl: $command: no PID given"
	done
}

@test "one bad PID among good ones: nothing is touched" {
	requires ptrace
	start "$helpers/victim"
	run -1 msealctl attach "$pid" nonsense
	assert_equal "$(sealed_count "$pid")" 0
}

@test "a PID without a process is an error" {
	run -1 --separate-stderr msealctl show 4194305
	assert_output ''
	assert_stderr "msealctl: 4194305: cannot read its maps: no such process"
}

@test "--timeout takes nothing but seconds" {
	for word in 0 -1 1e3 nan 1s '' .5 1. 0.0001; do
		run -1 msealctl attach --dry-run --timeout="$word" $$
	done
	run -0 msealctl attach --dry-run --timeout=0.5 $$
}

@test "an unknown column or colour is an error" {
	run -1 --separate-stderr msealctl show -o PID,NOPE $$
	assert_stderr "msealctl: NOPE: unknown column"
	run -1 --separate-stderr msealctl show --color=maybe $$
	assert_output ''
	[[ $stderr == "msealctl: --color: 'maybe' is not known: use auto, always or never"* ]]
}

@test "options that do not go together are an error" {
	run -1 --separate-stderr msealctl show --raw --json $$
	[[ $stderr == "msealctl: --raw and --json do not go together"* ]]
	run -1 msealctl show --verbose --quiet $$
	run -1 msealctl show --output=PID --output-all $$
}

@test "columns can be chosen, added, all shown, without headings" {
	run -0 msealctl show -n -r -o pid $$
	assert_line --index 0 "$$"
	run -0 msealctl show -o +TYPES $$
	assert_line --index 0 --regexp 'NAME +TYPES$'
	run -0 msealctl show --output-all $$
	assert_line --index 0 --regexp '^ *PID .*RESULT .*OBJECT +NAME$'
	run -0 msealctl show --list-columns
	assert_line --regexp '^CLASS +[a-z]'
}

@test "colours are there only when asked for, and not in raw output" {
	run -0 msealctl attach --dry-run --color=always $$
	assert_output --partial $'\033['
	run -0 msealctl attach --dry-run $$
	refute_output --partial $'\033['
	run -0 msealctl attach --dry-run --color=always --raw $$
	refute_output --partial $'\033['
}

@test "sizes are in bytes with --bytes" {
	run -0 msealctl show -n -r -b -o SIZE --seal=text:@exe $$
	assert_output --regexp '^[0-9]+$'
}

@test "a report that cannot be written is an error" {
	run -1 --separate-stderr bash -c '"$1" show $$ >/dev/full' _ "$msealctl"
	assert_stderr "msealctl: standard output: cannot write: No space left on device"
	run -1 --separate-stderr bash -c '"$1" attach --dry-run $$ $$ $$ >/dev/full' _ "$msealctl"
	assert_stderr "msealctl: standard output failed: 2 of 3 processes were not reached
msealctl: standard output: cannot write: No space left on device"
}

@test "--quiet prints no report" {
	run -0 --separate-stderr msealctl show --quiet $$
	assert_output ''
	refute_stderr
}

@test "the libraries that are loaded on demand are declared in an ELF note" {
	local sonames

	requires program:readelf program:jq
	sonames=$(readelf -p .note.dlopen "$msealctl" | grep -o '\[{.*}\]' |
		jq -r '.[] | select(.feature and .description and .priority == "required") | .soname[]')
	assert_equal "$sonames" "libcap.so.2
libsmartcols.so.1"
	# the note's type: https://systemd.io/ELF_DLOPEN_METADATA
	run readelf -n "$msealctl"
	assert_output --regexp 'FDO .*0x407c0c0a.*FDO .*0x407c0c0a'
	# both are loaded, so nothing else declares them
	run -0 readelf -d "$msealctl"
	refute_output --regexp 'libcap|libsmartcols'
}
