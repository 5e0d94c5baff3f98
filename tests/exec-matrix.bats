#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec on every kind of program, by every way, for every class: each is sealed as
# asked, as smaps shows from outside, and tells the same of its start and end as without
# msealctl; or it is refused with the reason.  There is no third outcome.

load helpers

# not the user of the other tests, some of which count its processes
nobody=65531
sources=$BATS_TEST_DIRNAME/fixtures/programs
ways=(auto preload ptrace)
classes=(text rodata relro stack)

setup() {
	requires mseal ptrace shim
	program=$BATS_TEST_TMPDIR/program
	as=()
	objects_sealed=objects_sealed
	# by way: the reason why it is refused, whatever the class; by class: whatever the way
	declare -gA refused=()
}

# compile COMPILER...: start.c to $program; some linkers put constants beside the code
compile() {
	requires "program:$1"
	"$@" -Wl,-z,separate-code -o "$program" "$sources/start.c" 2>"$BATS_TEST_TMPDIR/log" ||
		lacks "program:$1" "$* cannot make a program: $(head -n 1 "$BATS_TEST_TMPDIR/log")"
}

# What a start says of itself, without what differs between any two.
account() {
	local status=0

	env -i PATH="$PATH" A= B='two words' "$@" </dev/null >"$BATS_TEST_TMPDIR/says" 2>"$BATS_TEST_TMPDIR/errors" || status=$?
	sed '/^pid /d; /^variable _=/d' "$BATS_TEST_TMPDIR/says"
	cat "$BATS_TEST_TMPDIR/errors"
	echo "status $status"
}

assert_stack_sealed() {
	assert_equal "$(sed -n '/\[stack\]$/,/^VmFlags/p' "/proc/$pid/smaps" |
		grep -c '^VmFlags:.* sl')" 1
}

objects_sealed() { "$helpers/sealrows" "$pid" "$1" >/dev/null; }

# For 32-bit programs, which sealrows does not read: rows of smaps whose permissions say
# what they are.  Constants begin a file; RELRO is right before its data.
narrow_objects_sealed() {
	awk -v class="$1" '
		function judge(is_sealed) { if (is_sealed) good++; else bad++ }
		/^[0-9a-f]+-/ {
			if (class == "relro" && $2 == "rw-p" && $6 == file && perms == "r--p")
				judge(sealed)
			file = $6; perms = $2; offset = $3; sealed = 0
		}
		/^VmFlags:/ {
			sealed = / sl( |$)/
			if (file ~ /^\// && class == "text" && perms == "r-xp" ||
			    file ~ /^\// && class == "rodata" && perms == "r--p" && offset ~ /^0+$/)
				judge(sealed)
		}
		END { exit !(good > 0 && bad == 0) }' "/proc/$pid/smaps"
}

assert_cell_sealed() {
	local way=$1 class=$2

	assert_equal "$(account "${as[@]}" "$msealctl" exec -q --via="$way" --seal="$class" -- "$program" 'an argument' b)" "$plain"
	start "${as[@]}" "$msealctl" exec --via="$way" --seal="$class" -- "$program"
	if [[ $class == stack ]]; then
		assert_stack_sealed
	else
		"$objects_sealed" "$class" || fail "not all of $class is sealed"
	fi
	assert_finishes_with 7
	exec {from}<&-
}

assert_cell_refused() {
	run -125 --separate-stderr "${as[@]}" "$msealctl" exec --via="$1" --seal="$2" -- "$program"
	assert_output ''
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == "msealctl: "*"$3"* ]] || fail "not because of '$3': $stderr"
}

assert_row() {
	local way class reason

	plain=$(account "${as[@]}" "$program" 'an argument' b)
	[[ $plain == *'status 7' ]] || fail "it does not even run without msealctl: $plain"
	for way in "${ways[@]}"; do
		for class in "${classes[@]}"; do
			reason=${refused[$way]-${refused[$class]-}}
			echo "# --via=$way --seal=$class ${reason:+refused: $reason}"
			if [[ $reason ]]; then
				assert_cell_refused "$way" "$class" "$reason"
			else
				assert_cell_sealed "$way" "$class"
			fi
		done
	done
}

@test "exec: a dynamic, position-independent program" {
	compile gcc -pie -fPIE
	assert_row
}

@test "exec: a dynamic program at a fixed address" {
	compile gcc -no-pie -fno-pie
	assert_row
}

@test "exec: a static program" {
	compile gcc -static
	refused[preload]='it is statically linked'
	assert_row
}

@test "exec: a static, position-independent program" {
	compile gcc -static-pie
	refused[preload]='it is statically linked'
	assert_row
}

@test "exec: a dynamic program of musl" {
	compile musl-gcc
	refused[preload]='of musl'
	assert_row
}

@test "exec: a static program of musl, which leaves RELRO writable" {
	compile musl-gcc -static
	refused=([preload]='it is statically linked' [relro]='RELRO is still writable')
	assert_row
}

@test "exec: a static program of Go, which has no RELRO" {
	go_program start
	refused=([preload]='it is statically linked' [relro]='nothing is selected')
	assert_row
}

@test "exec with a position-independent program of Go, which needs no library" {
	go_program start pie
	assert_row
}

compile_narrow() {
	compile gcc -m32
	objects_sealed=narrow_objects_sealed
	refused[preload]='it is a 32-bit program'
}

@test "exec: 32-bit programs, dynamic and static" {
	compile_narrow
	assert_row
	compile gcc -m32 -static
	assert_row
}

@test "exec: a script for env of a 32-bit program" {
	compile_narrow
	mv "$program" "$BATS_TEST_TMPDIR/interpreter"
	PATH=$BATS_TEST_TMPDIR:$PATH
	printf '#!/usr/bin/env interpreter\n' >"$program"
	chmod +x "$program"
	assert_row
}

@test "exec: a script, and one for env" {
	compile gcc
	interpreter=$program
	program=$BATS_TEST_TMPDIR/script
	printf '#!%s\n' "$interpreter" >"$program"
	chmod +x "$program"
	assert_row
	cp "$interpreter" "$BATS_TEST_TMPDIR/interpreter"
	PATH=$BATS_TEST_TMPDIR:$PATH
	printf '#!/usr/bin/env interpreter\n' >"$program"
	assert_row
}

# installed COMMAND...: make $program someone else's to run, by COMMAND
installed() {
	requires root
	compile gcc
	chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	"$@" "$program"
}

# From here on as a user who has nothing, from copies that this user can read.
as_nobody() {
	requires program:setpriv
	mkdir "$BATS_TEST_TMPDIR/bin"
	cp "$msealctl" "$shim" "$BATS_TEST_TMPDIR/bin"
	msealctl=$BATS_TEST_TMPDIR/bin/msealctl
	as=(setpriv --reuid="$nobody" --regid="$nobody" --clear-groups --)
}

@test "exec: a setuid program, started by a user" {
	installed chmod 4755
	as_nobody
	for way in "${ways[@]}"; do
		refused[$way]='it is setuid'
	done
	assert_row
}

@test "exec: a setgid program, started by a user" {
	installed chmod 2755
	as_nobody
	for way in "${ways[@]}"; do
		refused[$way]='it is setgid'
	done
	assert_row
}

@test "exec: a program setuid to root, started by root, gains nothing" {
	installed chmod 4755
	assert_row
}

@test "exec: a program setuid to another user, started by root" {
	installed chown "$nobody"
	chmod 4755 "$program"
	refused[preload]='it is setuid'
	assert_row
	[[ $plain == *"user 0 $nobody"* ]]
}

@test "exec: a program with file capabilities, started by a user" {
	PATH+=:/sbin:/usr/sbin
	requires program:setcap
	installed true
	setcap cap_net_raw+ep "$program" || skip "no file capabilities here"
	as_nobody
	for way in "${ways[@]}"; do
		refused[$way]='it has file capabilities'
	done
	assert_row
}

@test "exec: a program with file capabilities, started by root" {
	PATH+=:/sbin:/usr/sbin
	requires program:setcap
	installed true
	setcap cap_net_raw+ep "$program" || skip "no file capabilities here"
	assert_row
}

@test "exec: an ordinary user's own programs, dynamic and static" {
	installed true
	as_nobody
	"${as[@]}" "$msealctl" probe -n -r -o ITEM,VALUE | grep -qx 'ptrace yes' ||
		lacks ptrace "one's own processes cannot be traced here"
	assert_row
	compile gcc -static
	refused[preload]='it is statically linked'
	assert_row
}
