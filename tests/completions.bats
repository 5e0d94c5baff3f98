#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

setup() {
	folder=$TOP_SRCDIR/completions
	export PATH=${msealctl%/*}:$PATH
}

# options_of COMMAND: its long options, with what its help says
options_of() { msealctl "$1" --help | grep -oE -e '--[a-z-]+' | grep -vx -e --help -e --version; }

# in_bash LINE: what could follow, from a bash that splits LINE as readline does
in_bash() {
	bash -c 'source /usr/share/bash-completion/bash_completion
		source "$1/bash/msealctl"
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=() rest=$2 COMPREPLY=()
		while [[ $rest =~ ^\ *([=:]+|[^\ =:]+) ]]; do
			COMP_WORDS+=("${BASH_REMATCH[1]}")
			rest=${rest:${#BASH_REMATCH[0]}}
		done
		[[ $2 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		compopt() { :; }
		_msealctl
		printf "%s\n" "${COMPREPLY[@]}"' _ "$folder" "$1"
}

in_fish() {
	fish --no-config -c 'source $argv[1]/fish/msealctl.fish; complete -C $argv[2]' \
		"$folder" "$1" | cut -f 1
}

# offers LINE WORD...: each WORD may follow
offers() {
	local line=$1 word

	shift
	run -0 "$complete" "$line"
	for word; do
		# fish repeats what is before a value, bash leaves a "=" for it
		grep -qxE -e "(--[a-z]+=)?$word=?" <<<"$output" || fail "'$line' lacks $word: $output"
	done
}

try_all() {
	offers 'msealctl ' exec attach show check list probe help
	offers 'msealctl pr' probe
	refute_line exec
	for command in exec attach show check list probe; do
		mapfile -t options < <(options_of "$command")
		assert [ "${#options[@]}" -ge 5 ]
		offers "msealctl $command --" "${options[@]}"
	done
	run -0 "$complete" 'msealctl show --'
	refute_line --regexp '^--dry-run'
	offers 'msealctl exec --seal=' text rodata relro data stack heap vdso anon file shm all dlopened name:
	offers 'msealctl exec --seal=text,r' text,relro text,rodata
	offers 'msealctl attach --exclude st' stack
	offers 'msealctl show -o +TY' '[+]TYPES'
	offers 'msealctl attach --types=' base prot-pkey discard seal all
	offers 'msealctl exec --via=' auto preload ptrace
	offers 'msealctl show --color ' auto always never
	offers 'msealctl show -o ' PID START SEALED
	offers 'msealctl show --output=PID,S' PID,START PID,SIZE PID,SEALED
	offers 'msealctl probe -o ' ITEM VALUE
	offers 'msealctl list -o ' PID STATE TEXT-SEALED
	offers 'msealctl list --seal=text,r' text,relro text,rodata
	# behind the options of exec is another command
	offers 'msealctl exec rmdi' rmdir
	offers 'msealctl exec -v -- rmdi' rmdir
	offers 'msealctl exec --seal text --best-effort rmdi' rmdir
	offers 'msealctl exec --seal=text:@exe,stack rmdi' rmdir
	run -0 "$complete" 'msealctl exec rmdir --be'
	refute_output --partial best-effort
}

@test "completions for bash: commands, options, words and PIDs" {
	[[ -e /usr/share/bash-completion/bash_completion ]] || skip "bash-completion is not installed"
	complete=in_bash
	try_all
}

@test "completions for fish: commands, options, words and PIDs" {
	requires program:fish
	complete=in_fish
	try_all
}

# types SHELL [LINE RESULT]...: the keys of LINE, TAB as "~", make the line RESULT.
# What is on the screen meanwhile is in $output.  If all PIDs here begin alike, shells
# complete that much of one: such digits are left out of what "attach " becomes.
types() {
	local shell=$1 keys='' expected=''

	requires "program:$shell" program:python3
	[[ $shell != bash || -e /usr/share/bash-completion/bash_completion ]] ||
		skip "bash-completion is not installed"
	shift
	while (($# > 0)); do
		keys+=$1$'\n' expected+="=$2"$'\n'
		shift 2
	done
	run -0 python3 "$TOP_SRCDIR/tests/type.py" "$shell" "$folder" <<<"${keys%$'\n'}"
	assert_equal "$(sed -n '/^=/ { s/\( attach \)[0-9]*$/\1/; p }' <<<"$output")" \
		"${expected%$'\n'}"
}

# lists SHELL KEYS: KEYS list the options of each command
lists() {
	local command option lines=()

	for command in exec attach show check list probe help; do
		lines+=("msealctl $command --$2" "msealctl $command --")
	done
	types "$1" "${lines[@]}"
	for command in exec attach show check list probe help; do
		for option in $(options_of "$command"); do
			sed -n "/msealctl $command --/,/^=/p" <<<"$output" |
				grep -E -e "(^| )$option([= ]|$)" >/dev/null ||
				fail "$1 lacks $option of $command: $output"
		done
	done
}

@test "typed in bash: words, columns in either case, processes with their names" {
	types bash \
		'msealctl pr~' 'msealctl probe ' \
		'msealctl attach --dr~' 'msealctl attach --dry-run ' \
		'msealctl list --sort=-pi~' 'msealctl list --sort=-pid ' \
		'msealctl exec --se~text,sta~' 'msealctl exec --seal=text,stack' \
		'msealctl show -o pid,cl~' 'msealctl show -o pid,class' \
		'msealctl show -o +TYP~' 'msealctl show -o +TYPES' \
		'msealctl exec -v -- rmdi~' 'msealctl exec -v -- rmdir ' \
		'msealctl attach ~' 'msealctl attach '
	assert_output --regexp "[0-9]+ \([a-z]"
	lists bash '~'
}

@test "typed in zsh: words, columns in either case, processes with their names" {
	# no other test has one of that name
	cp "$helpers/victim" "$BATS_TEST_TMPDIR/to-be-found"
	start "$BATS_TEST_TMPDIR/to-be-found"
	types zsh \
		'msealctl show --name=to-b~' 'msealctl show --name=to-be-found ' \
		'msealctl pr~' 'msealctl probe ' \
		'msealctl attach --dr~' 'msealctl attach --dry-run ' \
		'msealctl list --sort=-pi~' 'msealctl list --sort=-PID ' \
		'msealctl exec --se~text,sta~' 'msealctl exec --seal=text,stack,' \
		'msealctl show -o PID,cl~' 'msealctl show -o PID,CLASS,' \
		'msealctl show -o +typ~' 'msealctl show -o +TYPES,' \
		'msealctl exec -v -- rmdi~' 'msealctl exec -v -- rmdir ' \
		'msealctl attach ~' 'msealctl attach '
	assert_output --regexp "[0-9]+ +-- [a-z]"
	lists zsh '~'
}

@test "typed in fish: words, columns in either case" {
	types fish \
		'msealctl pr~' 'msealctl probe ' \
		'msealctl attach --dr~' 'msealctl attach --dry-run ' \
		'msealctl list --sort=-pi~' 'msealctl list --sort=-PID ' \
		'msealctl exec --se~text,sta~' 'msealctl exec --seal=text,stack ' \
		'msealctl show -o PID,cl~' 'msealctl show -o PID,CLASS ' \
		'msealctl show -o +typ~' 'msealctl show -o +TYPES ' \
		'msealctl exec -v -- rmdi~' 'msealctl exec -v -- rmdir '
}

@test "processes are those of this user, wherever they run, and no kernel threads" {
	[[ -e /usr/share/bash-completion/bash_completion ]] || skip "bash-completion is not installed"
	start "$helpers/victim"
	for complete in in_bash in_fish; do
		[[ $complete != in_fish ]] || requires program:fish
		offers "msealctl attach ${pid:0:1}" "$pid( .*)?"
		offers 'msealctl list --name=vic' victim
		offers 'msealctl list --cgroup=' "$(sed 's/^[^:]*:[^:]*://; q' /proc/self/cgroup)"
		offers "msealctl check --all --except=${pid:0:1}" "$pid( .*)?"
		run -0 "$complete" 'msealctl check '
		for thread in $(ps -o pid= --ppid 2 | head -n 2) 2; do
			[[ -s /proc/$thread/cmdline ]] || refute_line --regexp "^$thread( |$)"
		done
	done
}
