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
	offers 'msealctl ' exec attach show check list probe
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
	offers 'msealctl attach --types=' base prot-pkey discard seal all
	offers 'msealctl exec --via=' auto preload ptrace
	offers 'msealctl show --color ' auto always never
	offers 'msealctl show -o ' PID START SEALED
	offers 'msealctl show --output=PID,S' PID,START PID,SIZE PID,SEALED
	offers 'msealctl probe -o ' ITEM VALUE
	offers 'msealctl list -o ' PID STATE TEXT-SEALED
	offers 'msealctl list --seal=text,r' text,relro text,rodata
	offers "msealctl attach " 1
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

@test "completions for zsh are a function, and know every option" {
	requires program:zsh
	run -0 --separate-stderr zsh -n "$folder/zsh/_msealctl"
	refute_stderr
	for command in exec attach show check list probe; do
		for option in $(options_of "$command"); do
			grep -qE -e "$option(=|\[|\})" "$folder/zsh/_msealctl" || fail "$option"
		done
		grep -qE "^		$command\)|	$command\) _arg" "$folder/zsh/_msealctl" || fail "$command"
	done
}
