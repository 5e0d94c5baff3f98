#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The grammar of --seal and --exclude, by what "show" then prints.

load helpers

known='msealctl: hint: known: text, rodata, relro, data, stack, heap, vdso, anon, file, shm, all, dlopened, name:GLOB, 0xSTART-0xEND, CLASS:GLOB, CLASS:@exe'

setup() {
	files=$BATS_TEST_TMPDIR/files
	mkdir "$files"
	for name in plain 'a[bc]d' abd 'a*d' 'a?d' 'a,d' 'a\d' 'a b' '[anon]'; do
		echo text >"$files/$name"
		arguments+=("file=$files/$name")
	done
	start "$helpers/victim" "${arguments[@]}"
}

# selects TERM NAME...: TERM selects the files NAME..., no more
selects() {
	local term=$1

	shift
	run -0 msealctl show --json --seal="$term" -o NAME "$pid"
	assert_equal "$(jq -r '.regions[].name' <<<"$output" | sed "s|^$files/||" | sort)" \
		"$(printf '%s\n' "$@" | sort)"
}

# classes_of LIST [EXCLUDED]: the classes selected
classes_of() { msealctl show -n -r -o CLASS --seal="$1" ${2:+--exclude="$2"} "$pid" | sort -u | xargs; }

refuses() {
	run -1 --separate-stderr msealctl show --seal="$1" "$pid"
	assert_output ''
	assert_stderr "msealctl: --seal: $2"
	run -1 --separate-stderr msealctl show --exclude="$1" "$pid"
	assert_stderr "msealctl: --exclude: $2"
}

@test "the term CLASS selects that class" {
	for class in text rodata relro data stack heap vdso anon file shm; do
		assert_equal "$(classes_of "$class")" "$class"
	done
}

@test "the term all selects every class, and nothing that cannot be sealed" {
	assert_equal "$(classes_of all)" 'anon data file heap relro rodata shm stack text vdso'
	run -0 msealctl show -n -r -o NAME --seal=all "$pid"
	refute_output --partial vsyscall
}

@test "terms are united, however often they select a region" {
	requires private-proc
	assert_equal "$(classes_of text,stack,text)" 'stack text'
	once=$(msealctl show --seal=text "$pid")
	assert_equal "$(msealctl show --seal=text,text,text:@exe,text:* "$pid")" "$once"
}

@test "--exclude is subtracted from all of --seal" {
	assert_equal "$(classes_of text,stack,heap stack,heap)" text
	run -0 msealctl show -n -r -o OBJECT --seal=text,rodata,relro --exclude='all:libc*,all:ld-*' "$pid"
	assert_equal "$(sort -u <<<"$output")" "$(realpath "$helpers/victim")"
	run -0 --separate-stderr msealctl show -n --seal=text --exclude=text "$pid"
	assert_output ''
}

@test "--seal and --exclude may be given again: lists add up" {
	run -0 msealctl show -n -r -o CLASS --seal=text --seal=stack "$pid"
	assert_equal "$(sort -u <<<"$output" | xargs)" 'stack text'
}

@test "a glob matches the base name, or the path if it has a slash" {
	requires program:jq
	selects 'file:plain' plain
	selects "file:$files/plain" plain
	selects 'file:*/plain' plain
	selects 'file:pl*n' plain
	selects 'file:pla?n' plain
	for glob in plai lain PLAIN files/plain /plain; do
		run -0 --separate-stderr msealctl show -n --seal="file:$glob" "$pid"
		assert_output ''
		assert_stderr "msealctl: warning: --seal: 'file:$glob' matches nothing"
	done
}

@test "brackets in a glob are literal" {
	requires program:jq
	selects 'file:a[bc]d' 'a[bc]d'
	selects 'file:[anon]' '[anon]'
	selects 'name:[stack]' '[stack]'
}

@test "a backslash in a glob escapes" {
	requires program:jq
	selects 'file:a\*d' 'a*d'
	selects 'file:a\?d' 'a?d'
	selects 'file:a\,d' 'a,d'
	selects 'file:a\\d' 'a\d'
	selects 'file:\p\lain' plain
	selects 'file:a\[bc]d,file:plain' 'a[bc]d' plain
}

@test "@exe is the main program, and nothing else" {
	requires private-proc
	run -0 msealctl show -n -r -o CLASS,OBJECT --seal=text:@exe,data:@exe "$pid"
	assert_equal "$(sort -u <<<"$output")" "data $(realpath "$helpers/victim")
text $(realpath "$helpers/victim")"
	run -0 msealctl show -n -r -o OBJECT --seal=all:@exe "$pid"
	assert_equal "$(sort -u <<<"$output")" "$(realpath "$helpers/victim")"
}

@test "the term name:GLOB selects by what maps shows" {
	assert_equal "$(classes_of 'name:[stack]')" stack
	assert_equal "$(classes_of "name:$files/*")" file
	run -0 msealctl show -n -r -o NAME --seal='name:[v*]' "$pid"
	assert_line '[vdso]'
}

@test "a range selects its addresses alone" {
	local first=${start_of[anon-ro]} last=${end_of[anon-ro]} middle

	middle=$(printf '0x%x' $((first + page)))
	run -0 msealctl show -n -r -o START,END --seal="$first-$last" "$pid"
	assert_output "$first $last"
	run -0 msealctl show -n -r -o START,END --seal="$first-$middle" "$pid"
	assert_output "$first $middle"
	run -0 msealctl show -n -r -o START,END --seal="$middle-$last" "$pid"
	assert_output "$middle $last"
	# a hole in the address space has nothing to seal
	run -0 --separate-stderr msealctl show -n -r -o START --seal=0x10000-0x20000 "$pid"
	assert_output ''
	[[ $stderr == *"'0x10000-0x20000' matches nothing" ]]
}

@test "an unknown class names the nearest one, or else the known ones" {
	for word in TEXT Text tex texts 'text ' ' text'; do
		refuses "$word" "'$word': unknown class
msealctl: hint: did you mean 'text'?"
	done
	refuses nope:libc "'nope:libc': unknown class
$known"
}

@test "errors in a list name the bad term" {
	refuses '' "'': empty term"
	refuses , "'': empty term"
	refuses text,,data "'': empty term"
	refuses text, "'': empty term"
	refuses 'text:' "'text:': no pattern after the colon"
	refuses 'name:' "'name:': no pattern after the colon"
	refuses 'text,rodata:@nope' "'rodata:@nope': the only word after '@' is exe"
	# shellcheck disable=SC1003 # a backslash, and nothing else
	refuses 'text:a\' "'text:a\\': nothing after the last backslash"
	refuses 0x1000 "'0x1000': an address range is 0xSTART-0xEND, in hexadecimal"
	refuses 1000-2000 "'1000-2000': an address range is 0xSTART-0xEND, in hexadecimal"
	refuses 0x1000-2000 "'0x1000-2000': an address range is 0xSTART-0xEND, in hexadecimal"
	refuses 0x1000-0x20000000000000000 "'0x1000-0x20000000000000000': an address range is 0xSTART-0xEND, in hexadecimal"
	refuses 0x1001-0x2000 "'0x1001-0x2000': START and END must be multiples of the page size"
	refuses 0x20000-0x10000 "'0x20000-0x10000': END must be above START"
	refuses 0x10000-0x10000 "'0x10000-0x10000': END must be above START"
}

@test "a bad list stops every command before it does anything" {
	run -1 msealctl attach --seal=text,nope "$pid"
	run -1 msealctl attach --exclude=nope "$pid"
	run -1 msealctl check --seal=nope "$pid"
	run -125 msealctl exec --exclude=nope -- touch "$BATS_TEST_TMPDIR/ran"
	assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
	assert_equal "$(sealed_count "$pid")" 0
}

@test "the same terms mean the same to the shim" {
	requires mseal shim private-proc
	finish
	for list in text 'rodata:@exe' 'all:libc*' 'name:*/victim' 'relro,text:l*\.so*' stack; do
		start "$msealctl" exec --seal="$list" -- "$helpers/victim"
		run -0 msealctl check --seal="$list" "$pid"
		assert_equal "$(msealctl show -n -r -o START,SEALED "$pid" | grep -c ' yes')" \
			"$(msealctl show -n -r -o START --seal="$list" "$pid" | grep -c '')"
		finish
	done
}
