#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# attach to every kind of program: smaps shows what was asked for as sealed, the program
# itself is refused each forbidden operation on it, and goes on to its end.

load helpers

sources=$BATS_TEST_DIRNAME/fixtures/programs

setup() {
	requires mseal ptrace
	program=$BATS_TEST_TMPDIR/program
	as=()
	classes=(text rodata relro)
	# which has no names of errors
	for_musl=(-Dstrerrorname_np=strerror)
}

# compile COMPILER...: trymut to $program; some linkers put constants beside the code
compile() {
	requires "program:$1"
	"$@" -D_GNU_SOURCE -Wl,-z,separate-code -o "$program" \
		"$BATS_TEST_DIRNAME/helpers/trymut.c" 2>"$BATS_TEST_TMPDIR/log" ||
		lacks "program:$1" "$* cannot make a program: $(head -n 1 "$BATS_TEST_TMPDIR/log")"
}

# attach_to STATUS COMMAND...: for $classes
attach_to() {
	start "${as[@]}" "${@:2}"
	run "-$1" msealctl attach -n -r -o CLASS,REASON,OBJECT \
		--seal="$(IFS=, && echo "${classes[*]}")" "$pid"
}

# In what it says of itself, everything is sealed but for lines that match PATTERN.
assert_refuses_all_but() {
	printf '\n' >&"$to"
	while hear && [[ $heard != status* ]]; do
		# shellcheck disable=SC2053 # a pattern
		[[ $heard == *' sealed '* || $heard == $1 ]] || fail "$heard"
	done
	[[ $heard == status* ]] || fail "it has ended"
}

assert_attached() {
	attach_to 0 "$program" wait
	"$helpers/sealrows" "$pid" "${classes[@]}" || fail 'smaps shows something open'
	assert_refuses_all_but ''
	assert_finishes_with 0
}

# by root to those of another user, too
assert_row() {
	assert_attached
	((EUID == 0)) || return 0
	as=(setpriv --reuid=65531 --regid=65531 --clear-groups --)
	chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	assert_attached
}

@test "attach: a dynamic, position-independent program" {
	compile gcc -pie -fPIE
	assert_row
}

@test "attach: a dynamic program at a fixed address" {
	compile gcc -no-pie -fno-pie
	assert_row
}

@test "attach: a static program" {
	compile gcc -static
	assert_row
}

@test "attach: a static, position-independent program" {
	compile gcc -static-pie
	assert_row
}

# Where the size of pages is no constant for musl, it does not know that size yet when it
# notes where its own RELRO is, and leaves it writable.  It is smaller than larger pages.
@test "attach: a dynamic program of musl" {
	compile musl-gcc "${for_musl[@]}"
	if [[ $(uname -m) == x86_64 || $(getconf PAGESIZE) != 4096 ]]; then
		assert_row
		return
	fi
	attach_to 3 "$program" wait
	assert_line --regexp '^relro RELRO\\x20is\\x20still\\x20writable.* .*libc\.so$'
	assert_refuses_all_but 'relro * open */ld-musl-*'
}

@test "attach: a static program of musl, which leaves RELRO writable" {
	compile musl-gcc "${for_musl[@]}" -static
	attach_to 3 "$program" wait
	assert_line --regexp '^relro RELRO\\x20is\\x20still\\x20writable'
	assert_refuses_all_but 'relro * open /proc/self/exe'
	assert_finishes_with 3
	classes=(text rodata)
	attach_to 0 "$program" wait
	"$helpers/sealrows" "$pid" "${classes[@]}"
	assert_refuses_all_but 'relro * open /proc/self/exe'
}

@test "attach: a static program of Go, which has no RELRO" {
	go_program start
	classes=(text rodata)
	attach_to 0 "$program"
	"$helpers/sealrows" "$pid" "${classes[@]}"
	assert_finishes_with 7
}
