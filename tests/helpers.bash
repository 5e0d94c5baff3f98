# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# What all .bats files share; tests/README has a table.  A target ends when its input
# ends, and is killed by pid in teardown if a test did not get that far.

bats_require_minimum_version 1.7.0
bats_load_library bats-support
bats_load_library bats-assert
load requires

: "${TOP_SRCDIR:=$(cd "$BATS_TEST_DIRNAME/.." && pwd)}" "${TOP_BUILDDIR:=$TOP_SRCDIR/build}"
TOP_BUILDDIR=${MSEALCTL_TEST_BUILD:-$TOP_BUILDDIR}
msealctl=$TOP_BUILDDIR/src/msealctl
shim=$TOP_BUILDDIR/src/libmsealctl.so
helpers=$TOP_BUILDDIR/tests/helpers
page=$(getconf PAGESIZE)
# how long a target may take to say something, s
patience=60
started=()
declare -gA start_of end_of

msealctl() { "$msealctl" "$@"; }

# of targets, where they are another user's: users/run.sh
as_target=()
if [[ ${MSEALCTL_TEST_TARGET_USER-} ]]; then
	as_target=(setpriv "--reuid=$MSEALCTL_TEST_TARGET_USER"
		"--regid=$(id -g "$MSEALCTL_TEST_TARGET_USER")" --clear-groups --
		env "PATH=/usr/bin:/bin:/usr/sbin:/sbin")
fi

# launch COMMAND...: in the background, with a pipe to it and one from it; $pid, $to, $from
launch() {
	local dir

	dir=$(mktemp -d "$BATS_TEST_TMPDIR/target.XXXXXX")
	mkfifo "$dir/in" "$dir/out"
	[[ ! ${as_target[*]} ]] || chmod a+rwx "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	"${as_target[@]}" "$@" <"$dir/in" >"$dir/out" 2>"$dir/err" 3>&- &
	pid=$!
	started+=("$pid")
	exec {to}>"$dir/in" {from}<"$dir/out"
	target_errors=$dir/err
}

# hear: the next line of the target, in $heard
hear() {
	heard=
	IFS= read -r -t "$patience" heard <&"$from"
}

# say LINE: and hear the answer
say() {
	printf '%s\n' "$1" >&"$to"
	hear
}

# start COMMAND...: launch, until it says "ready"; its own pid in $pid, the mappings that
# it names in $start_of and $end_of
start() {
	local name first last

	launch "$@"
	start_of=() end_of=()
	while hear; do
		read -r name first last <<<"$heard"
		case $name in
		ready) return 0 ;;
		pid)
			pid=$first
			# those of an earlier process with its number
			unset "fresh_of[$pid]"
			;;
		*)
			start_of[$name]=$first
			end_of[$name]=$last
			;;
		esac
	done
	cat "$target_errors" >&2
	return 1
}

# A shell that lives until its input ends, behind "$@" if given.
start_shell() { start "$@" bash -c 'echo "pid $$"; echo ready; read -r'; }

# A zombie: $pid, a child of Python "python3", whose name it has.
start_zombie() {
	requires program:python3
	start python3 -c 'import os
child = os.fork()
if child == 0: os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print("pid", child); print("ready", flush=True); input()'
}

# finish: end its input; returns its exit status
finish() {
	local last=${started[-1]}

	exec {to}>&-
	unset 'started[-1]'
	wait "$last"
}

assert_finishes_with() {
	local status=0

	finish || status=$?
	assert_equal "$status" "$1"
}

common_teardown() {
	local p

	for p in "${started[@]}"; do
		kill -KILL "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	started=()
}

teardown() { common_teardown; }

# A copy of msealctl without a shim, in $alone; skips where an installed shim is found.
copy_alone() {
	local found

	alone=$BATS_TEST_TMPDIR/alone/msealctl
	mkdir "${alone%/*}"
	cp "$msealctl" "${alone%/*}"
	found=$("$alone" probe -n -r -o ITEM,DETAIL | sed -n 's/^shim //p') || true
	[[ ! -e $found ]] || skip "a shim is installed: $found"
}

# in_terminal COLUMNS COMMAND...: its output, from a terminal as wide as that
in_terminal() {
	local columns=$1

	shift
	script -qec "stty cols $columns -onlcr; exec ${*@Q}" /dev/null </dev/null
}

# seal_flag PID ADDRESS: the word "sl" of the mapping at ADDRESS (0x...) in smaps, or
# nothing
seal_flag() {
	local line inside=no

	while read -r line; do
		if [[ $line =~ ^([0-9a-f]+)-([0-9a-f]+)\  ]]; then
			((0x${BASH_REMATCH[1]} <= $2 && $2 < 0x${BASH_REMATCH[2]})) &&
				inside=yes || inside=no
		elif [[ $inside == yes && $line == VmFlags:* ]]; then
			[[ " $line " != *' sl '* ]] || echo sl
			return
		fi
	done < <(grep -E '^[0-9a-f]+-|^VmFlags:' "/proc/$1/smaps")
}

# state_of PID: its letter in /proc
state_of() { awk '/^State:/ { print $2 }' "/proc/$1/status"; }

# find_pages: of $pid, $first to $last: its "area", or the code of libc, or its first code
find_pages() {
	local range perms rest name maps

	first=${start_of[area]-} last=${end_of[area]-}
	[[ ! $first ]] || return 0
	maps=$(<"/proc/$pid/maps")
	# its leader may be a zombie
	[[ $maps ]] || maps=$(cat "/proc/$pid/task/"*/maps)
	while read -r range perms rest rest rest name; do
		[[ $perms == r-x* && $name == /* ]] || continue
		[[ $first && $name != */libc.so* ]] || first=0x${range%-*} last=0x${range#*-}
	done <<<"$maps"
}

# fresh COUNT: in $fresh, a LIST of COUNT pages of $pid, at most four, apart from each other,
# that were in none before: for what is sealed already no call is made
declare -gA fresh_of
fresh() {
	local first last n lane end

	[[ ${fresh_of[$pid]-} ]] || { find_pages && fresh_of[$pid]="$((first)) $((last)) 0"; }
	read -r first last n <<<"${fresh_of[$pid]}"
	lane=$(((last - first) / page / 4))
	((n + $1 <= 4 * lane)) || n=0
	fresh=
	for ((end = n + $1; n < end; n++)); do
		printf -v fresh '%s%s0x%x-0x%x' "$fresh" "${fresh:+,}" \
			$((first + (n % 4 * lane + n / 4) * page)) \
			$((first + (n % 4 * lane + n / 4 + 1) * page))
	done
	fresh_of[$pid]="$first $last $n"
}

# is_stopped PID: now, or soon: a thread that msealctl has abandoned must get there first
is_stopped() {
	local tries

	for ((tries = 0; tries < 1000; tries++)); do
		[[ $(state_of "$1") != T ]] || return 0
	done
	return 1
}

# sealed_count PID: mappings with "sl"
sealed_count() { grep -c '^VmFlags:.* sl' "/proc/$1/smaps" || true; }

# Both oracles: smaps, and the target's own mprotect.
assert_place_sealed() {
	assert_equal "$(seal_flag "$pid" "${start_of[$1]}")" sl
	say "$1"
	assert_equal "$heard" "$1 EPERM"
}

assert_place_open() {
	assert_equal "$(seal_flag "$pid" "${start_of[$1]}")" ''
	say "$1"
	assert_equal "$heard" "$1 ok"
}

# count NAME NUMBER: for the totals of soak/run.sh
count() { [[ ! ${MSEALCTL_TEST_COUNTS:-} ]] || echo "$@" >>"$MSEALCTL_TEST_COUNTS"; }

# The stderr of "run --separate-stderr" is exactly this.
assert_stderr() {
	# shellcheck disable=SC2154 # set by run
	assert_equal "$stderr" "$1"
}

refute_stderr() { assert_stderr ''; }

# forking_program CALL: a library's constructor makes a child by CALL, in which it goes on.
forking_program() {
	requires program:gcc
	gcc -x c -o "$BATS_TEST_TMPDIR/libfork.so" -shared -fPIC -D_GNU_SOURCE -D"CALL=$1" - <<-'END'
		#include <sched.h>
		#include <signal.h>
		#include <sys/syscall.h>
		#include <sys/wait.h>
		#include <unistd.h>

		__attribute__((constructor)) static void go_on_in_child(void)
		{
			pid_t child = CALL;
			int status;

			if (child == 0)
				return;
			if (child < 0 || waitpid(child, &status, __WALL) != child)
				_exit(1);
			_exit(WEXITSTATUS(status));
		}
	END
	program=$BATS_TEST_TMPDIR/program
	gcc -D_GNU_SOURCE -o "$program" "$BATS_TEST_DIRNAME/helpers/trymut.c" \
		-Wl,--no-as-needed "$BATS_TEST_TMPDIR/libfork.so" -Wl,-rpath,"$BATS_TEST_TMPDIR"
}

# Set fields (flags, offset, vaddr, filesz) of all program headers of type $2 in the 64-bit ELF
# file $1: a name and a value each.
patch_header() {
	python3 - "$@" <<-'END'
		import struct, sys

		path, wanted = sys.argv[1], int(sys.argv[2])
		file = bytearray(open(path, "rb").read())
		table, = struct.unpack_from("<Q", file, 32)
		count, = struct.unpack_from("<H", file, 56)
		fields = {"flags": ("<I", 4), "offset": ("<Q", 8), "vaddr": ("<Q", 16), "filesz": ("<Q", 32)}
		for at in range(table, table + 56 * count, 56):
		    if struct.unpack_from("<I", file, at)[0] == wanted:
		        for field, value in zip(sys.argv[3::2], sys.argv[4::2]):
		            form, offset = fields[field]
		            struct.pack_into(form, file, at + offset, int(value, 0))
		open(path, "wb").write(file)
	END
}

# Has the code of most programs the instructions that load registers in a chain of calls?
# Elsewhere signal frames do.
loads_registers() { [[ $(uname -m) == x86_64 ]]; }

# calls_here NAME...: prints those calls of inflight that this architecture has
calls_here() {
	"$helpers/inflight" list | sed 's/ .*//' | grep -xF "$(printf '%s\n' "$@")"
}

# go_program NAME [MODE]: $program, fixtures/programs/NAME.go; in a machine without go, what
# vm/check.sh has built
go_program() {
	local built=$TOP_BUILDDIR/tests/go/$1${2+-$2}

	program=$BATS_TEST_TMPDIR/$1
	if [[ -e $built ]]; then
		cp "$built" "$program"
		return
	fi
	requires program:go
	CGO_ENABLED=0 GOCACHE=$BATS_TEST_TMPDIR/cache GOFLAGS='' GO111MODULE=off HOME=$BATS_TEST_TMPDIR \
		go build "-buildmode=${2-exe}" -o "$program" \
		"$BATS_TEST_DIRNAME/fixtures/programs/$1.go" || skip "go cannot build here"
}
