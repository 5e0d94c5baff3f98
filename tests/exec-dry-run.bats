#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec --dry-run: what exec would do, and nothing done.

load helpers

setup() {
	requires mseal shim ptrace
	# a leak sanitizer of a program that traces, or is traced, cannot work
	export ASAN_OPTIONS=detect_leaks=0
}

# files_of: lines of $output without the hazards
files_of() { grep -v '^ ' <<<"$output"; }

@test "exec --dry-run runs nothing, and names the way, the files and the libraries" {
	run -0 --separate-stderr msealctl exec --dry-run -- touch "$BATS_TEST_TMPDIR/ran"
	refute_stderr
	assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
	assert_line --index 0 "$(type -P touch): would be sealed by preloading $(realpath "$shim")"
	assert_line --index 1 --regexp "^$(type -P touch): 1 text, 2 rodata, 1 relro$"
	assert_line --regexp '^/lib.*/ld-linux.*: 1 text, [0-9] rodata, 1 relro$'
	refute_output --partial 'memory, '
	assert_line 'libraries, by the same lists: libc.so.6'
	run -0 msealctl exec --dry-run --seal=heap,stack -- true
	assert_line --index 1 "$(type -P true): nothing"
	assert_line 'memory, by the same lists: stack heap'
	run -0 --separate-stderr msealctl exec --dry-run -q -- touch "$BATS_TEST_TMPDIR/ran"
	assert_output ''
	refute_stderr
	assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "exec --dry-run counts what exec seals" {
	local option program counts class

	requires program:gcc private-proc
	for option in -pie -no-pie -static -static-pie -Wl,-z,now -Wl,-z,norelro -Wl,-z,noseparate-code; do
		program=$BATS_TEST_TMPDIR/program$option
		gcc -o "${program//,/}" "$option" -fPIE -x c - <<-'END' || continue
			#include <stdio.h>
			#include <unistd.h>
			int bss[100000], data = 1;
			int main(void) { printf("pid %d\nready\n", getpid()); fflush(stdout); return getchar() == 0; }
		END
		program=${program//,/}
		run -0 msealctl exec --dry-run --seal=text,rodata,relro,data "$program"
		counts=$(sed -n "s|^$program: \([0-9].*\)|\1|p" <<<"$output")
		start "$msealctl" exec --seal=text,rodata,relro,data "$program"
		expected=
		for class in text rodata relro data; do
			n=$(msealctl show -n -r -o SEALED --seal="$class:@exe" "$pid" | grep -cx yes || true)
			((n == 0)) || expected+=", $n $class"
		done
		assert_equal "$option: $counts" "$option: ${expected#, }"
		finish
	done
}

@test "exec --dry-run names the interpreter of a script" {
	printf '#!/bin/bash\ntouch "%s"\n' "$BATS_TEST_TMPDIR/ran" >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	run -0 msealctl exec --dry-run "$BATS_TEST_TMPDIR/script"
	assert_line --index 0 --partial "$BATS_TEST_TMPDIR/script: would be sealed by preloading "
	assert_line --regexp '^/bin/bash: 1 text, '
	assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "exec --dry-run exits with 125 and the reason where exec would" {
	requires program:gcc
	gcc -static -o "$BATS_TEST_TMPDIR/static" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	run -0 msealctl exec --dry-run "$BATS_TEST_TMPDIR/static"
	assert_line --index 0 "$BATS_TEST_TMPDIR/static: would be sealed by tracing it: it is statically linked: no loader will load the shim"
	run -125 --separate-stderr msealctl exec --dry-run --via=preload "$BATS_TEST_TMPDIR/static"
	assert_output ''
	assert_stderr "msealctl: $BATS_TEST_TMPDIR/static: cannot seal: it is statically linked: no loader will load the shim"
	run -0 --separate-stderr msealctl exec --dry-run --via=preload --best-effort "$BATS_TEST_TMPDIR/static"
	assert_output "$BATS_TEST_TMPDIR/static: would run unsealed: it is statically linked: no loader will load the shim"
	run -127 --separate-stderr msealctl exec --dry-run nosuch
	assert_stderr 'msealctl: nosuch: cannot run: No such file or directory'
	run -125 --separate-stderr msealctl exec --dry-run --seal=nosuch true
	run -125 --separate-stderr "$helpers/nocall" ptrace "$msealctl" exec --dry-run --via=ptrace true
	assert_output ''
	[[ $stderr == "msealctl: $(type -P true): cannot seal: it cannot be traced: "* ]]
}

@test "exec --dry-run refuses a selection that can match nothing, as exec does" {
	local static=$BATS_TEST_TMPDIR/static list object

	requires program:gcc
	gcc -static -o "$static" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	while read -r object list; do
		for option in '' --dry-run; do
			# shellcheck disable=SC2086 # lists and options of one word or none
			run -125 --separate-stderr msealctl exec $option $list -- "$object" </dev/null
			assert_output ''
			[[ $stderr == *'matches nothing'* || $stderr == *'nothing is selected'* ]]
		done
	done <<-END
		$static --seal=text:nosuch
		$static --seal=text:@exe,rodata:nosuch
		$static --exclude=text,rodata,relro
		$static --seal=dlopened
		true --seal=dlopened
		true --exclude=all
		true --seal=text --exclude=text
	END
	# what else there is in memory, or which libraries, is known only when it runs
	for list in --seal=text:libnosuch --seal=heap --seal=name:x "--seal=text,stack:nosuch"; do
		run -0 msealctl exec --dry-run "$list" -- true
	done
	run -0 msealctl exec --dry-run --seal=heap --exclude=text -- "$static"
	run -0 --separate-stderr msealctl exec --dry-run --best-effort --exclude=all -- true
	assert_stderr "msealctl: warning: $(type -P true): not sealed as asked: nothing is selected"
}

@test "exec --dry-run foretells the status of a file that exec refuses, or the kernel" {
	requires program:gcc
	local file=$BATS_TEST_TMPDIR/file

	# no version of ELF, which the kernel does not look at
	cp "$(type -P true)" "$file"
	printf '\377' | dd of="$file" bs=1 seek=6 conv=notrunc status=none
	for options in '' --dry-run; do
		# shellcheck disable=SC2086 # none, or one word
		run -125 --separate-stderr msealctl exec $options --via=ptrace -- "$file"
		assert_output ''
		assert_stderr "msealctl: $file: cannot seal: its ELF headers are not understood"
	done
	run -0 --separate-stderr msealctl exec --dry-run --best-effort -- "$file"
	assert_output "$file: would run unsealed"
	assert_stderr "msealctl: warning: $file: runs unsealed: its ELF headers are not understood"
	# 1 is PT_LOAD, and 2 is PF_W: its own headers could not be read in memory
	requires program:python3
	cp "$(type -P true)" "$file"
	patch_header "$file" 1 flags 2
	for options in '' --dry-run; do
		# shellcheck disable=SC2086
		run -125 --separate-stderr msealctl exec $options --via=ptrace -- "$file"
		assert_output ''
		assert_stderr "msealctl: $file: cannot seal: its ELF headers are not understood"
	done
	# the table of program headers is cut off
	head -c 64 "$(type -P true)" >"$file"
	for options in '' --dry-run; do
		# shellcheck disable=SC2086
		run -126 --separate-stderr msealctl exec $options -- "$file"
		assert_output ''
		assert_stderr "msealctl: $file: cannot run: Exec format error"
	done
	gcc -o "$file" "$BATS_TEST_DIRNAME/fixtures/programs/start.c" -Wl,--dynamic-linker=/nosuch
	for options in '' --dry-run; do
		# shellcheck disable=SC2086
		run -127 --separate-stderr msealctl exec $options -- "$file"
		assert_output ''
		assert_stderr "msealctl: $file: cannot run: No such file or directory"
	done
}

@test "exec --dry-run names hazards of the files, and no mappings that the lists leave out" {
	requires program:gcc
	gcc -o "$BATS_TEST_TMPDIR/lazy" -Wl,-z,relro,-z,lazy "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	run -0 msealctl exec --dry-run --seal=text:@exe "$BATS_TEST_TMPDIR/lazy"
	assert_line --index 1 "$BATS_TEST_TMPDIR/lazy: 1 text"
	assert_line --index 2 '  partial-relro: lazy'
	assert_line --index 4 --regexp '^/lib.*/ld-linux.*: nothing$'
	gcc -o "$BATS_TEST_TMPDIR/now" -Wl,-z,relro,-z,now "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	run -0 msealctl exec --dry-run --seal=text:@exe "$BATS_TEST_TMPDIR/now"
	refute_output --partial partial-relro
}

@test "exec --dry-run of a file that is no good program is no crash" {
	local n

	cp "$(type -P true)" "$BATS_TEST_TMPDIR/true"
	for n in 64 100 1000 5000 20000; do
		head -c "$n" "$BATS_TEST_TMPDIR/true" >"$BATS_TEST_TMPDIR/cut"
		chmod +x "$BATS_TEST_TMPDIR/cut"
		run msealctl exec --dry-run "$BATS_TEST_TMPDIR/cut"
		((status == 0 || (status >= 125 && status <= 127))) || fail "$n: $status"
	done
}
