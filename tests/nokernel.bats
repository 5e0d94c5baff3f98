#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Without mseal(2), or with one that lies: a seccomp filter plays the kernel.

load helpers

setup() { "$helpers/noseal" pass true || skip "seccomp filters cannot be used here"; }

without() { "$helpers/noseal" "$@"; }

@test "exec without mseal does not start the program, and says why" {
	local -A reason=(
		[enosys]='msealctl: cannot seal: *'
		[eperm]='msealctl: cannot seal: a seccomp filter denies mseal(2)'
		[fake]='msealctl: cannot seal 0x*: mseal claimed success, but there is no seal'
		[liar]='msealctl: cannot seal 0x*: mseal claimed success, but there is no seal'
	)

	requires shim
	for mode in "${!reason[@]}"; do
		run -125 --separate-stderr without "$mode" "$msealctl" exec -- touch "$BATS_TEST_TMPDIR/ran"
		assert_output ''
		# shellcheck disable=SC2053 # patterns
		[[ $stderr == ${reason[$mode]} ]] || fail "$mode: $stderr"
		assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
	done
}

@test "exec --best-effort without mseal starts the program, and warns" {
	requires shim ptrace
	local -A warning=(
		[enosys]='msealctl: warning: cannot seal: this kernel has no mseal, or a seccomp filter hides it'
		[eperm]='msealctl: warning: cannot seal: mseal was denied, by a seccomp filter'
		[kill]='msealctl: warning: cannot seal: a seccomp filter kills the caller of mseal(2)'
		[killthread]='msealctl: warning: cannot seal: a seccomp filter kills the caller of mseal(2)'
		[trap]='msealctl: warning: cannot seal: a seccomp filter kills the caller of mseal(2)'
		[fake]='msealctl: warning: cannot seal 0x*'
		[liar]='msealctl: warning: cannot seal 0x*'
	)

	for mode in "${!warning[@]}"; do
		for way in preload ptrace; do
			run -0 --separate-stderr without "$mode" "$msealctl" exec --best-effort --via="$way" -- echo started
			assert_output started
			# shellcheck disable=SC2053 # patterns
			[[ $stderr == ${warning[$mode]} ]] || fail "$mode, $way: $stderr"
		done
		run -0 --separate-stderr without "$mode" "$msealctl" exec --best-effort --quiet -- echo started
		assert_output started
		refute_stderr
	done
}

@test "exec --dry-run where nothing can be sealed: says so, and not that it would be" {
	requires shim
	for mode in enosys eperm kill fake; do
		run -125 --separate-stderr without "$mode" "$msealctl" exec --dry-run -- true
		assert_output ''
		[[ $stderr == 'msealctl: cannot seal: '* ]]
		run -0 --separate-stderr without "$mode" "$msealctl" exec --dry-run --best-effort -- true
		assert_output --regexp 'true: would run unsealed$'
		[[ $stderr == 'msealctl: warning: cannot seal: '* ]]
		# which would be a reason to trace it, or to leave it unsealed
		run -0 --separate-stderr without "$mode" env LD_AUDIT=/none "$msealctl" exec --dry-run --best-effort -- true
		assert_output --regexp 'true: would run unsealed$'
	done
}

@test "exec --best-effort with types that this kernel has not warns once, and runs the program" {
	requires shim mainline
	run -0 --separate-stderr msealctl exec --best-effort --types=base -- echo started
	assert_output started
	assert_stderr "msealctl: warning: --types: this kernel's mseal(2) has one seal only"
	run -0 --separate-stderr msealctl exec --best-effort --types=base --dry-run -- echo started
	assert_output --regexp 'echo: would run unsealed$'
}

@test "a program that gets ENOSYS runs unsealed under --best-effort" {
	requires shim
	start "$helpers/noseal" enosys "$msealctl" exec --best-effort -- "$helpers/victim"
	assert_place_open text
	assert_equal "$(sealed_count "$pid")" 0
}

@test "a filter that kills the caller of mseal: every command says so and lives" {
	requires shim
	for mode in kill killthread trap; do
		run -2 --separate-stderr without "$mode" "$msealctl" probe -r -n -o ITEM,VALUE,DETAIL
		refute_stderr
		assert_line 'mseal no a\x20seccomp\x20filter\x20kills\x20the\x20caller\x20of\x20mseal(2)'
		assert_line --regexp '^enforced no cannot'
		run -2 --separate-stderr without "$mode" "$msealctl" attach $$
		assert_stderr 'msealctl: cannot seal: a seccomp filter kills the caller of mseal(2)'
		run -125 --separate-stderr without "$mode" "$msealctl" exec -- true
		assert_stderr 'msealctl: cannot seal: a seccomp filter kills the caller of mseal(2)'
	done
}

@test "attach without mseal exits 2, and leaves the target untouched" {
	for mode in enosys eperm; do
		start "$helpers/victim"
		run -2 --separate-stderr without "$mode" "$msealctl" attach "$pid"
		assert_output ''
		[[ $stderr == 'msealctl: cannot seal: '* ]]
		assert_place_open text
		finish
	done
}

@test "a target whose own mseal lies is sealed, past its filter, or refused" {
	requires mseal ptrace
	for mode in enosys eperm fake liar kill trap; do
		start "$helpers/noseal" "$mode" "$helpers/victim"
		run --separate-stderr msealctl attach -n -r -o RESULT --seal=text:@exe "$pid"
		if ((EUID == 0)); then
			assert_equal "$status" 0
			assert_output sealed
			assert_place_sealed text
		else
			assert_equal "$status" 1
			[[ $stderr == *seccomp* ]]
			assert_place_open text
		fi
	done
}

@test "check without mseal says that nothing is sealed" {
	for mode in enosys eperm; do
		start "$helpers/victim"
		run -3 without "$mode" "$msealctl" check --seal=text "$pid"
		finish
	done
}

@test "show needs no mseal" {
	run -0 --separate-stderr without enosys "$msealctl" show $$
	refute_stderr
}

@test "probe exits 2 without mseal, and tells a filter from a kernel" {
	run -2 without enosys "$msealctl" probe -n -r -o ITEM,VALUE
	assert_line 'mseal no'
	assert_line 'enforced no'
	run -2 without eperm "$msealctl" probe -n -r -o ITEM,VALUE,DETAIL
	assert_line --regexp '^mseal no .*seccomp'
	run -2 without fake "$msealctl" probe -n -r -o ITEM,VALUE,DETAIL
	assert_line --regexp '^enforced no .*seccomp'
	assert_line --regexp '^mseal - .*filter.*fakes'
	assert_line --regexp '^seal-types - .*filter.*fakes'
	run -2 without liar "$msealctl" probe -n -r -o ITEM,VALUE,DETAIL
	assert_line --regexp '^enforced no .*seccomp'
}

@test "probe tells a filter that hides mseal from a kernel without it" {
	requires mseal
	run -2 without enosys "$msealctl" probe -n -r -o ITEM,VALUE,DETAIL
	assert_line --regexp '^mseal no the.*kernel.*has.*filter.*hides'
}
