#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The traced start where no debug register stops a program at its entry point: the loader's
# jump is diverted.

load helpers

setup() {
	requires root mseal ptrace program:gcc
}

# As exec --via=ptrace starts a program where there are no debug registers.
undebugged() {
	"$helpers/nocall" pokeuser "$msealctl" exec --via=ptrace "$@"
}

# And where there are, perhaps.
traced() { "$msealctl" exec --via=ptrace "$@"; }

# A program whose loader, called $1 and built with the options "$@" after it, is our own.
program_of_own_loader() {
	local loader=$BATS_TEST_TMPDIR/$1 sources=$BATS_TEST_DIRNAME/fixtures/programs
	local plain=(-O1 -fPIE -nostdlib -fno-stack-protector -mno-red-zone)

	[[ $(uname -m) == x86_64 ]] || skip "our loader is for x86-64"
	gcc "${plain[@]}" -static-pie "${@:2}" -o "$loader" "$sources/loader.c"
	program=$BATS_TEST_TMPDIR/program
	gcc "${plain[@]}" -pie -Wl,-z,relro,-z,now,-z,separate-code,--dynamic-linker="$loader" \
		-o "$program" "$sources/loaded.c"
	run -8 "$program"
}

@test "a loader that finds the entry point elsewhere does not start a program unsealed" {
	for name in ld-own.so own; do
		program_of_own_loader "$name" -DHEADER
		run -7 undebugged -- "$program"
	done
}

@test "the jump to the entry point is recognised with any stack pointer" {
	for name in ld-own.so own; do
		for options in -DPLAIN -DMOVED; do
			program_of_own_loader "$name" "$options"
			run -7 undebugged -- "$program"
		done
	done
}

@test "a loader that does not load the shim, and finds the entry point elsewhere" {
	requires shim
	for name in ld-own.so own; do
		program_of_own_loader "$name" -DHEADER
		run -125 "$helpers/nocall" pokeuser "$msealctl" exec --via=preload -- "$program"
	done
}

# A program with a library whose constructor starts a child.
program_with_child() {
	local sources=$BATS_TEST_DIRNAME/fixtures/programs

	gcc -shared -fPIC -Wl,-z,now -o "$BATS_TEST_TMPDIR/libchild.so" -D_GNU_SOURCE "$sources/child.c"
	program=$BATS_TEST_TMPDIR/program
	gcc -o "$program" "$sources/start.c" -Wl,--no-as-needed "$BATS_TEST_TMPDIR/libchild.so"
}

@test "a constructor's child has a stack of its own while the jump is diverted" {
	program_with_child
	for way in none all vfork; do
		CHILD=$way run -7 undebugged -- "$program" </dev/null
		CHILD=$way start undebugged -- "$program"
		run -0 "$helpers/sealrows" "$pid"
		assert_finishes_with 7
	done
}

@test "a program that runs unsealed, and its child, find the entry point" {
	local how

	program_with_child
	for how in undebugged traced; do
		CHILD=unsealed run -125 --separate-stderr "$how" -- "$program" </dev/null
		[[ $stderr == *"libchild.so"* ]]
		CHILD=unsealed run -7 --separate-stderr "$how" --best-effort -- "$program" </dev/null
		[[ $stderr == *"libchild.so"* ]]
	done
}

@test "a program that ends before its entry point has not ended unseen" {
	program_with_child
	CHILD='exit' run -125 --separate-stderr undebugged -- "$program" </dev/null
	reason='it ends before it has come to its entry point'
	assert_stderr "msealctl: $program: cannot seal: $reason"
	CHILD='exit' run -9 --separate-stderr undebugged --best-effort -- "$program" </dev/null
	assert_stderr "msealctl: warning: $program: runs unsealed: $reason"
}

@test "a shim that refuses a program has said why" {
	requires shim
	loader=$(awk '/\/ld-[^ ]*$/ { print $NF; exit }' /proc/self/maps)
	# with another file as its loader, it is watched
	cp "$loader" "$BATS_TEST_TMPDIR"
	program=$BATS_TEST_TMPDIR/program
	gcc -o "$program" -Wl,--dynamic-linker="$BATS_TEST_TMPDIR/${loader##*/}" \
		"$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	run -125 --separate-stderr "$helpers/nocall" pokeuser "$msealctl" exec --via=preload \
		--seal=shm -q -- "$program"
	assert_stderr 'msealctl: cannot seal: nothing is selected'
}
