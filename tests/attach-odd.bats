#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# attach: threads that could not make a call, or that a call would harm.

load helpers

setup() { requires mseal ptrace program:gcc; }

# compile NAME [ARGUMENT...]: a program of fixtures/programs
compile() {
	program=$BATS_TEST_TMPDIR/$1
	gcc -O1 -pthread -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/$1.c"
}

# Syscall User Dispatch, which ptrace(2) shows since Linux 6.4
requires_dispatch() {
	start "$program" || skip "no Syscall User Dispatch here"
}

shows_dispatch() {
	local kernel

	IFS=. read -r -a kernel < <(uname -r)
	((kernel[0] > 6 || (kernel[0] == 6 && kernel[1] >= 4)))
}

@test "attach leaves a thread alone whose calls would be dispatched to a handler of SIGSYS" {
	compile dispatched
	requires_dispatch
	reason='it could not run the call'
	! shows_dispatch || reason='it has its system calls sent to a handler of SIGSYS (prctl(2))'
	run -1 msealctl attach "$pid"
	assert_line "msealctl: $pid: cannot seal: $reason"
	run -3 msealctl check "$pid"
	assert_finishes_with 0
}

@test "attach takes another thread than one whose calls would be dispatched" {
	compile dispatched
	requires_dispatch
	shows_dispatch || skip "Linux $(uname -r) does not show such threads"
	start "$program" thread
	run -0 msealctl attach "$pid"
	run -0 msealctl check "$pid"
	assert_finishes_with 0
}

@test "attach does not end a program that steps through itself, with many calls or few" {
	[[ $(uname -m) == x86_64 ]] || skip "programs cannot step through themselves here"
	compile stepped
	for seal in text:@exe text,rodata,relro; do
		start "$program"
		run -0 msealctl attach --seal="$seal" "$pid"
		run -0 msealctl check --seal="$seal" "$pid"
		assert_finishes_with 0
	done
}

@test "attach does not wait for a thread of the kernel in the process" {
	[[ $(uname -m) == x86_64 ]] || skip "the program is for x86-64"
	compile guest
	start "$program" || skip "no KVM here"
	run -0 msealctl attach "$pid"
	run -0 msealctl check "$pid"
	assert_finishes_with 0
}

# start_execve: a process, in an execve(2) that does not end
start_execve() {
	local size i

	mkdir "$BATS_TEST_TMPDIR/fuse"
	start "$helpers/fuse" "$BATS_TEST_TMPDIR/fuse" execute
	stuck=$pid
	# its memory is that of a new program by then; nothing else can be read
	for ((i = 0; i < patience * 100; i++)); do
		read -r size _ <"/proc/$stuck/statm"
		((size > 50)) || return 0
		sleep 0.01
	done
	return 1
}

@test "attach seals a process while another one cannot get on with an execve(2)" {
	local stuck

	requires root fuse
	start_execve
	start "$helpers/victim"
	run -0 --separate-stderr timeout -s KILL 60 "$msealctl" attach -v "$pid"
	assert_regex "$stderr" "^msealctl: $pid: was stopped for [0-9]{1,2}\."
	run -0 timeout -s KILL 60 "$msealctl" check "$pid"
	run -0 timeout -s KILL 60 "$msealctl" list --name=victim
	assert_line --regexp "^ *$pid .* victim"
}

@test "what cannot get on with an execve(2) is refused in time" {
	local stuck command

	requires root fuse
	start_execve
	# few, as all that attach or list meanwhile have to wait for it once
	for command in attach check list; do
		run -1 timeout -s KILL 60 "$msealctl" "$command" "$stuck"
		assert_line --regexp "^msealctl: $stuck: cannot read it.*: it is executing a program, and waits for its old memory to be free$"
	done
}

# ring MODE: that program; its requests are waited for in a thread of the kernel, or by it
start_ring() {
	compile ring
	start "$program" "$1" || skip "no io_uring here"
}

@test "attach does not stop the threads of io_uring: a request goes on" {
	start_ring splice
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	run -0 msealctl check "$pid"
	assert_finishes_with 0
}

@test "attach warns of an io_uring_enter that submits and waits, which may return early" {
	start_ring enter
	until grep -q '^426 ' "/proc/$pid/syscall"; do kill -0 "$pid"; done
	run -0 --separate-stderr msealctl attach "$pid"
	assert_stderr "msealctl: warning: $pid: the stop may have ended an io_uring_enter(2) of thread $pid early"
	assert_finishes_with 0
}

@test "attach says that no timer can be had, and does not try for ever" {
	start "$helpers/victim"
	run -1 --separate-stderr timeout 20 prlimit --sigpending=0 "$msealctl" attach "$pid"
	assert_stderr "msealctl: $pid: cannot attach: no timer can be had: too many signals are queued for this user"
	assert_finishes_with 0
}

@test "the parent of a vfork runs on once its child has, while another process is waited for" {
	local parent child

	requires program:python3
	mkfifo "$BATS_TEST_TMPDIR/door"
	start python3 -c 'import os, sys
print("pid", os.getpid()); print("ready", flush=True)
os.posix_spawn("/bin/true", ["true"], {},
               file_actions=[(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)])
sys.stdin.read()
os._exit(7)' "$BATS_TEST_TMPDIR/door"
	parent=$pid
	until grep -q '^State:.*D ' "/proc/$pid/status"; do kill -0 "$pid"; done
	# blocked in a write that a stop would end early
	launch python3 -c 'import os
r, w = os.pipe()
print("pid", os.getpid(), flush=True)
os.write(w, b"x" * (1 << 20))'
	until grep -q pipe_write "/proc/$pid/wchan"; do kill -0 "$pid"; done
	child=$pid
	launch "$msealctl" attach --raw --timeout=60 "$parent" "$child"
	hear
	: >"$BATS_TEST_TMPDIR/door"
	# "sleeping" in its read(2), and not "tracing stop"
	until grep -q '^State:.*S ' "/proc/$parent/status"; do kill -0 "$parent"; done
	kill -TERM "$pid" || fail "msealctl has ended: $(cat "$target_errors")"
	finish || true
	kill "$child"
}
