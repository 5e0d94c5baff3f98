#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# show --map: the address space as a picture.

load helpers

# assert_no_longer COLUMNS: no line of $output is
assert_no_longer() {
	for line in "${lines[@]}"; do
		((${#line} <= $1)) || fail "${#line} columns: $line"
	done
}

@test "the map shows what is sealed, and what is open in capitals too" {
	local legend='one longer is four times the size
t=text l=relro d=data'

	requires mseal ptrace private-proc
	start "$helpers/victim"
	run -0 msealctl show --map --seal=text:@exe,relro:@exe,data:@exe "$pid"
	assert_line --index 0 --regexp "^$pid victim: [0-9]+ not sealed$"
	assert_line --index 1 --regexp '^ *0x[0-9a-f]+ +[0-9.]+[KM] T░+L░+D░+ +/.*/victim$'
	assert_equal "${#lines[@]}" 4
	run -0 msealctl attach -q --seal=text:@exe,relro:@exe "$pid"
	run -0 msealctl show --map --seal=text:@exe,relro:@exe,data:@exe "$pid"
	assert_line --index 1 --regexp ' t█+l█+D░+ +/.*/victim$'
	[[ $output == *"
t██ sealed  T░░ open  $legend" ]]
	LC_ALL=C run -0 msealctl show --map --seal=text:@exe,relro:@exe,data:@exe "$pid"
	assert_line --index 1 --regexp '^ *0x[0-9a-f]+ +[0-9.]+[KM] t#+l#+D\.+ +/.*/victim$'
	[[ $output == *"
t## sealed  T.. open  $legend" ]]
	assert_equal "$(LC_ALL=C tr -d '\n -~' <<<"$output")" ''
}

@test "the map has every object, in the order of the addresses, and no gaps" {
	start "$helpers/victim"
	run -0 msealctl show --map "$pid"
	assert_equal "$(grep -oE '^ *0x[0-9a-f]+' <<<"$output" | tr -d ' ')" \
		"$(grep -oE '^ *0x[0-9a-f]+' <<<"$output" | tr -d ' ' | sort -u)"
	for name in '[heap]' '[stack]' '[vdso]'; do
		assert_equal "$(grep -cF -e " $name" <<<"$output")" 1
	done
	while read -r name; do
		assert_equal "$name: $(grep -cF -e "$name" <<<"$output")" "$name: 1"
	done < <(msealctl show -n -r -o OBJECT --seal=text "$pid")
	# terabytes lie between the libraries and the program
	assert_line --regexp '^ +⋮ +[0-9.]+T$'
}

@test "the map has colours on a terminal alone, for what is open" {
	requires mseal ptrace private-proc
	start "$helpers/victim"
	run -0 msealctl attach -q --seal=relro:@exe "$pid"
	run -0 msealctl show --map --color=always --seal=text:@exe,relro:@exe,data:@exe "$pid"
	assert_line --index 1 --regexp $' \033\\[31mT░+\033\\[0ml█+\033\\[33mD░+\033\\[0m +/'
	run -0 msealctl show --map "$pid"
	refute_output --partial $'\033'
}

@test "names cannot draw on the map, and on a terminal no line is longer than it" {
	local files=$BATS_TEST_TMPDIR/files

	requires terminal
	mkdir "$files"
	for name in $'esc\033[31m' $'new\nline' 'ünï' "$(printf '%0200d' 1)"; do
		echo text >"$files/$name"
	done
	start "$helpers/victim" "file=$files/"$'esc\033[31m' "file=$files/"$'new\nline' "file=$files/ünï" \
		"file=$files/$(printf '%0200d' 1)"
	run -0 in_terminal 80 env NO_COLOR=1 "$msealctl" show --map "$pid"
	assert_line --regexp ' F░ +…[^ ]*esc\\x1b\[31m$'
	assert_line --regexp ' F░ +…[^ ]*ünï$'
	assert_line --regexp ' F░ +…0+1$'
	assert_no_longer 80
	run -0 msealctl show --map "$pid"
	assert_line --partial " $files/new"
	[[ $output != *[$'\001'-$'\010\013'-$'\037\177']* ]]
}

@test "the map of a thousand seals is as wide as any, and counts what it leaves out" {
	local ranges='' i first

	requires mseal ptrace
	start "$helpers/victim" many=1000
	first=$((start_of[many]))
	for ((i = 1; i < 1000; i += 2)); do
		ranges+=,$(printf '0x%x-0x%x' $((first + i * page)) $((first + (i + 1) * page)))
	done
	run -0 msealctl attach -q --seal="${ranges#,}" "$pid"
	run -0 msealctl show --map --seal="${start_of[many]}-${end_of[many]}" "$pid"
	assert_line --index 1 --regexp ' 3\.9M (A░a█){7}A░ +\(\+985, 492 open\) $'
	assert_equal "${#lines[@]}" 4
}

@test "the map of 60,000 mappings of a kind is one bar" {
	launch "$helpers/manymaps" 60000
	hear
	run -0 msealctl show --map --seal=anon "$heard"
	assert_line --index 1 --regexp '^ *0x[0-9a-f]+ +234M A░{8}'
	((${#lines[@]} < 20))
}

@test "the map goes with no rows" {
	for option in --raw --json --output=PID --output-all --summary; do
		run -1 msealctl show --map "$option" $$
		assert_line --index 0 --regexp "(--map and ${option%=*}|--summary and --map) do not go together$"
	done
	run -1 msealctl check --map $$
}
