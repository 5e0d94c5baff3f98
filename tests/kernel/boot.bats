#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What src/kernel/run.sh promises of input, outputs, statuses and signals, with the kernel
# in the folder KERNEL, which build.sh printed, as MACHINE.

bats_require_minimum_version 1.7.0
bats_load_library bats-support
bats_load_library bats-assert

# shellcheck disable=SC2153 # from outside
boot() { timeout 300 "$run_sh" "$MACHINE" "$kernel" "$@"; }

setup() {
	run_sh=$BATS_TEST_DIRNAME/../../src/kernel/run.sh
	# a name to find its processes by
	kernel=$BATS_TEST_TMPDIR/kernel
	cp "${KERNEL:?}/kernel" "$kernel"
	[[ ! -e $KERNEL/initrd ]] || cp "$KERNEL/initrd" "$BATS_TEST_TMPDIR"
}

# none is left that has our kernel on its command line
teardown() {
	local left

	left=$(pgrep -af "$kernel") || return 0
	echo "left behind: $left"
	return 1
}

@test "the outputs are two streams, no terminal, and the status is that of the command" {
	# shellcheck disable=SC2016 # for that shell
	run -23 --separate-stderr boot bash -c '
		[[ -t 0 || -t 1 || -t 2 ]] && exit 1
		echo "$1"; ls --color=auto -d /etc; echo error >&2; exit 23' - "two  words" </dev/null
	assert_output $'two  words\n/etc'
	# shellcheck disable=SC2154 # set by run
	assert_equal "$stderr" error
}

@test "a command that a signal ends gives 128 and its number" {
	# shellcheck disable=SC2016 # for that shell
	run -139 boot bash -c 'kill -SEGV $$' </dev/null
	assert_output ''
}

@test "a command that cannot be run gives 127 or 126, and says why" {
	run -127 boot nosuchcommand </dev/null
	assert_output 'run.sh: cannot run nosuchcommand: No such file or directory'
	run -126 boot /etc/passwd </dev/null
	assert_output 'run.sh: cannot run /etc/passwd: Permission denied'
}

@test "a folder that is not in the machine gives 125, and is named" {
	local folder

	[[ -w /dev/shm ]] || skip "needs /dev/shm"
	folder=$(mktemp -d /dev/shm/msealctl.XXXXXX)
	cd "$folder"
	run -125 boot true </dev/null
	rmdir "$folder"
	assert_output "run.sh: no folder $folder in the machine"
}

@test "the streams have their names in /dev" {
	# shellcheck disable=SC2016 # for that shell
	run -0 --separate-stderr boot bash -c '
		cat /dev/stdin >/dev/stdout; echo error >/dev/stderr; ls -l /dev/stderr' <<<word
	assert_line word
	assert_line --partial '/dev/stderr -> /proc/self/fd/2'
	assert_equal "$stderr" error
}

@test "the input arrives as it is, and its end" {
	local sum

	# more than pipes and terminals hold
	head -c 200000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
	sum=$(sha1sum <"$BATS_TEST_TMPDIR/random")
	run -0 boot sha1sum <"$BATS_TEST_TMPDIR/random"
	assert_output "$sum"
	# shellcheck disable=SC2016 # for that shell
	run -0 bash -c '"$@" <"$0" | sha1sum' "$BATS_TEST_TMPDIR/random" "$run_sh" "$MACHINE" "$kernel" cat
	assert_output "$sum"
}

@test "without a command, a shell reads the input" {
	run -4 boot <<<'echo word; exit 4'
	assert_output word
}

@test "a closed input is an empty one" {
	# shellcheck disable=SC2016 # for that shell
	run -0 bash -c 'exec "$@" <&-' - "$run_sh" "$MACHINE" "$kernel" cat
	assert_output ''
}

@test "a command need not read what it is given" {
	run -0 boot echo word < <(yes)
	assert_output word
}

@test "the machine ends with the reader of its output" {
	# shellcheck disable=SC2016 # for that shell
	run -0 bash -c '"$@" | head -n 1; echo "${PIPESTATUS[@]}"' - "$run_sh" "$MACHINE" "$kernel" yes </dev/null
	assert_output $'y\n141 0'
}

@test "a kernel that panics says so, and gives 125" {
	export MEMORY=96M
	run -125 --separate-stderr boot bash -c '
		echo before; echo 2 >/proc/sys/vm/panic_on_oom; exec tail /dev/zero' </dev/null
	assert_output before
	[[ $stderr == *'Kernel panic'*'run.sh: the kernel ended, with status '* ]] || fail "$stderr"
}

@test "a file that is no kernel gives 125" {
	cp /bin/false "$kernel"
	run -125 boot true </dev/null
	assert_output --partial 'run.sh: the kernel ended, with status '
}

# ends_by SIGNAL STATUS
ends_by() {
	local line='' status=0

	coproc machine {
		exec env --default-signal=INT,HUP,TERM "$run_sh" "$MACHINE" "$kernel" \
			bash -c 'echo up; exec sleep 10000' 2>&1
	}
	# shellcheck disable=SC2154 # set by coproc
	local pid=$machine_PID
	read -r line <&"${machine[0]}"
	assert_equal "$line" up
	kill -s "$1" "$pid"
	wait "$pid" || status=$?
	assert_equal "$status" "$2"
}

@test "a signal ends the machine, too: TERM" { ends_by TERM 143; }
@test "a signal ends the machine, too: INT" { ends_by INT 130; }
@test "a signal ends the machine, too: HUP" { ends_by HUP 129; }

@test "a limit of time ends the machine" {
	run -124 timeout 5 "$run_sh" "$MACHINE" "$kernel" sleep 10000 </dev/null
}

@test "on a terminal, the command has it, and its size" {
	# shellcheck disable=SC2016 # for that shell
	printf -v words '%q ' "$run_sh" "$MACHINE" "$kernel" bash -c \
		'[[ -t 0 && -t 1 && -t 2 ]] && stty size; exit 3'
	run -3 script -qec "stty rows 33 cols 111; $words" /dev/null </dev/null
	assert_output --partial '33 111'
}

@test "in the background of a terminal, the command has no input" {
	printf -v words '%q ' "$run_sh" "$MACHINE" "$kernel" cat
	# by a shell that stays in the foreground
	run -0 script -qec "timeout 300 $words; exit \$?" /dev/null </dev/null
	assert_output ''
}

@test "swap is on" {
	run -0 boot cat /proc/swaps </dev/null
	assert_output --partial Filename
	run -0 boot python3 -c 'import mmap; mmap.mmap(-1, 4096, mmap.MAP_PRIVATE).madvise(mmap.MADV_WILLNEED)' </dev/null
}

@test "CPUS=2 is two processors, but in user-mode Linux" {
	export CPUS=2
	if [[ $MACHINE == uml ]]; then
		run -125 boot true </dev/null
		assert_output 'run.sh: user-mode Linux has one processor'
	else
		run -0 boot nproc </dev/null
		assert_output 2
	fi
}
