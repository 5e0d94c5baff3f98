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

@test "help says what --help says, and is known to all commands" {
	run -0 --separate-stderr msealctl --help
	assert_equal "$(msealctl help)" "$output"
	for command in exec attach show check list probe help; do
		run -0 --separate-stderr msealctl "$command" --help
		refute_stderr
		refute_output --regexp $'(^|\n)[^\n]{81}'
		assert_equal "$(msealctl help "$command")" "$output"
	done
	run -1 --separate-stderr msealctl help show list
	assert_stderr 'msealctl: help: one COMMAND at a time'
}

@test "help names the terms of LIST, which are all known, and the columns" {
	mapfile -t terms < <(msealctl help show | sed -n '/^LIST of /,/^$/s/^  \([^ ]*\) .*/\1/p')
	assert [ "${#terms[@]}" -ge 16 ]
	for term in "${terms[@]}"; do
		term=${term/CLASS/data} term=${term/GLOB/*} term=${term/0xSTART-0xEND/0x1000-0x2000}
		run -0 msealctl show --seal="$term" $$
	done
	run -0 msealctl help check
	for column in PID START REASON NAME; do
		assert_line --regexp "^ *$column  +[a-z]"
	done
	run -0 msealctl help exec
	refute_line --partial Columns
}

@test "help gives true defaults" {
	for command in exec attach check list; do
		run -0 msealctl help "$command"
		assert_line --regexp '--seal=LIST .*default text,rodata,relro'
	done
	run -0 msealctl help show
	assert_line --regexp '--seal=LIST .*default everything'
	run -0 msealctl help probe
	assert_line 'Columns (default ITEM,VALUE,DETAIL):'
	pattern='Columns \(default ([A-Z,]+);[[:space:]]with --raw, --json and \+LIST ([A-Z,]+)\):'
	start_shell
	for command in attach show check; do
		run -0 msealctl help "$command"
		[[ $output =~ $pattern ]] || fail "$output"
		plain=${BASH_REMATCH[1]//,/ } others=${BASH_REMATCH[2]//,/ }
		# of what is not sealed, there are rows below the totals
		options=(--seal=text "$pid")
		[[ $command != attach ]] || options=(--dry-run --verbose "${options[@]}")
		run msealctl "$command" "${options[@]}"
		assert_equal "$(sed -n 2p <<<"$output" | xargs)" "$plain"
		run msealctl "$command" --raw "${options[@]}"
		assert_equal "${lines[0]}" "$others"
		run msealctl "$command" -o +TYPES "${options[@]}"
		assert_equal "$(xargs <<<"${lines[0]}")" "$others TYPES"
	done
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
	for word in atta shows SHOW nope ''; do
		run -1 --separate-stderr msealctl "$word" $$
		assert_output ''
		[[ $stderr == "msealctl: $word: unknown command"$'\n'*"Try 'msealctl --help' for more information." ]]
		said=$stderr
		run -1 --separate-stderr msealctl help "$word"
		assert_output ''
		assert_stderr "$said"
	done
}

@test "a word that was mistyped is answered with the nearest one that there is" {
	# nearest TYPED MEANT ARGUMENT...: "-" for nothing near
	nearest() {
		local typed=$1 meant=$2

		shift 2
		run -1 --separate-stderr msealctl "$@"
		[[ ${stderr_lines[0]} == *"$typed"*": unknown "* ]] || fail "$* says $stderr"
		if [[ $meant == - ]]; then
			[[ $stderr != *"did you mean"* ]] || fail "$typed has $stderr"
		else
			assert_equal "${stderr_lines[1]}" "msealctl: hint: did you mean '$meant'?"
		fi
	}
	nearest attahc attach attahc 1
	nearest chekc check chekc 1
	nearest LIST list LIST
	nearest exe exec exe true
	nearest st - st
	nearest nginx - nginx
	nearest lsit list help lsit
	nearest --outputall --output-all show --outputall 1
	nearest --sael --seal show --sael=text 1
	nearest --nope - show --nope 1
	nearest relo relro show --seal=text,relo 1
	nearest stak stack show --exclude=stak:libc 1
	nearest nope - show --seal=nope 1
	nearest PERMS PERM show -o PID,PERMS $$
	nearest dlopend DLOPENED show -o +dlopend $$
	nearest stat STATE list -o stat
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

@test "an option before its command: a hint says where it belongs" {
	for option in --seal=text --quiet -q; do
		run -1 --separate-stderr msealctl "$option" show $$
		assert_stderr "msealctl: $option: unknown option
msealctl: hint: the options of a command come after its name
Try 'msealctl --help' for more information."
	done
	run -1 --separate-stderr msealctl --nope show $$
	refute [ "${stderr/hint/}" != "$stderr" ]
}

@test "help takes no options but --help and --version" {
	run -0 msealctl help help
	refute_output --regexp '--(quiet|verbose)'
	assert_output --partial --version
	run -1 msealctl help -q
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
		assert_stderr "msealctl: $command: no PID given, and no selector such as --name"
	done
}

@test "a PID that is given twice counts once" {
	local command

	start_shell
	for command in attach show check; do
		dry=
		[[ $command != attach ]] || dry=--dry-run
		once=$(msealctl "$command" $dry -n -r --seal=text -o PID,START "$pid" $$) || true
		assert_equal "$(msealctl "$command" $dry -n -r --seal=text -o PID,START "$pid" $$ "$pid" || true)" "$once"
		run -1 --separate-stderr msealctl "$command" $dry -q 4194305 4194305
		assert_equal "${#stderr_lines[@]}" 1
	done
	run -0 msealctl list -n -r -o PID "$pid" $$ "$pid"
	assert_output "$pid
$$"
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
	assert_stderr "msealctl: --output: 'NOPE': unknown column
msealctl: hint: --list-columns shows all of them"
	run -1 --separate-stderr msealctl show --color=maybe $$
	assert_output ''
	[[ $stderr == "msealctl: --color: 'maybe' is not known: use auto, always or never"* ]]
}

@test "exec exits with 125 if its own output cannot be written" {
	local word

	for word in --dry-run --help --version; do
		run -125 --separate-stderr bash -c '"$1" exec "$2" -- true >/dev/full' _ "$msealctl" "$word"
		assert_stderr 'msealctl: standard output: cannot write: No space left on device'
	done
}

@test "who wants to leave something out is told of --exclude, not of the class" {
	local term

	for term in '!text' -text '^text'; do
		run -1 --separate-stderr msealctl show --seal="$term" $$
		assert_stderr "msealctl: --seal: '$term': unknown class
msealctl: hint: to leave something out, use --exclude"
	done
}

@test "a column that is asked for twice is one key in JSON" {
	run -0 msealctl show --json -o PID,START,pid $$
	assert_equal "$(head -n 4 <<<"$output" | grep -c '"pid"')" 1
	run -0 msealctl show --raw -n -o PID,PID --seal=stack $$
	assert_output "$$ $$"
}

@test "options that do not go together are an error" {
	run -1 --separate-stderr msealctl show --raw --json $$
	[[ $stderr == "msealctl: --raw and --json do not go together"* ]]
	run -1 msealctl show --verbose --quiet $$
	run -1 --separate-stderr msealctl show --map --bytes $$
	[[ $stderr == "msealctl: --map and --bytes do not go together"* ]]
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
	run msealctl check --seal=stack --color=always $$
	assert_output --partial $'\033['
	run msealctl check --seal=stack $$
	refute_output --partial $'\033['
	run msealctl check --seal=stack --color=always --raw $$
	refute_output --partial $'\033['
}

@test "sizes are in bytes with --bytes" {
	run -0 msealctl show -n -r -b -o SIZE --seal=text:@exe $$
	assert_output --regexp '^[0-9]+$'
}

@test "a report that cannot be written is an error" {
	run -1 --separate-stderr bash -c '"$1" show $$ >/dev/full' _ "$msealctl"
	assert_stderr "msealctl: standard output: cannot write: No space left on device"
	start_shell
	run -1 --separate-stderr bash -c '"$1" attach --dry-run $$ "$2" "$3" >/dev/full' _ "$msealctl" $$ "$pid"
	assert_stderr "msealctl: standard output failed: 2 of 3 processes were not reached
msealctl: standard output: cannot write: No space left on device"
}

@test "a closed standard output is an error, whatever is opened" {
	local command

	for command in list probe help "show $$" "attach --dry-run $$" "check --seal=text $$"; do
		# shellcheck disable=SC2086 # words
		run -1 --separate-stderr bash -c '"$@" >&-' _ "$msealctl" $command
		[[ $stderr == *'msealctl: standard output: cannot write: Bad file descriptor' ]] ||
			fail "$command: $stderr"
	done
}

@test "nothing gets the number of a standard descriptor that is closed, but under exec" {
	local fd

	start "$helpers/victim" many=20000
	mkfifo "$BATS_TEST_TMPDIR/rows"
	# it cannot go on while nobody reads
	"$msealctl" show --verbose --seal=anon "$pid" >"$BATS_TEST_TMPDIR/rows" <&- 2>&- 3>&- &
	tool=$!
	exec {reader}<"$BATS_TEST_TMPDIR/rows"
	read -r -u "$reader" _
	for fd in 0 2; do
		assert_equal "$(readlink "/proc/$tool/fd/$fd")" /dev/null
		assert_equal "$(($(awk '/^flags:/ { print $2 }' "/proc/$tool/fdinfo/$fd") & 3))" 0
	done
	kill "$tool"
	exec {reader}<&-
	requires mseal
	# shellcheck disable=SC2016 # for that shell
	run -0 bash -c 'exec <&- 2>&-; exec "$1" exec -- bash -c "$2"' _ "$msealctl" \
		'for n in 0 1 2; do [[ ! -e /proc/$$/fd/$n ]] || echo "$n"; done'
	assert_output 1
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

@test "messages obey no name: neither controls nor direction marks of Unicode get through" {
	local mark

	for mark in $'\033' $'\u009b' $'\u202e' $'\u2066'; do
		run -1 --separate-stderr msealctl attach "no${mark}pid"
		assert_stderr 'msealctl: no?pid: not a PID
msealctl: hint: to find processes by name, use --name=no?pid'
		run -127 --separate-stderr msealctl exec -- "/no${mark}program"
		assert_stderr 'msealctl: /no?program: cannot run: No such file or directory'
	done
}

@test "names in JSON pass on no controls to a terminal" {
	local file mark

	for mark in $'\033' $'\u009b' $'\u0080' $'\177'; do
		file="$BATS_TEST_TMPDIR/a${mark}b"
		cp "$helpers/victim" "$file"
		start "$file"
		run -0 msealctl show --json "$pid"
		[[ $output != *"$mark"* && $output == *"/a\\"*b\"* ]] || fail "$output"
		finish
	done
}
