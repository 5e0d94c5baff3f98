#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Processes whose threads are many, are in odd states, or come and go.

load helpers

setup() {
	requires mseal ptrace
	cgroup=
	# a leak sanitizer stops msealctl with ptrace, which one test here does as well
	export ASAN_OPTIONS=detect_leaks=0
}

teardown() {
	local last=$pid

	[[ ! -e $cgroup/cgroup.freeze ]] || echo 0 >"$cgroup/cgroup.freeze"
	[[ ! -e $cgroup/freezer.state ]] || echo THAWED >"$cgroup/freezer.state"
	common_teardown
	[[ ! $cgroup ]] || {
		until [[ ! -e /proc/$last ]]; do :; done
		rmdir "$cgroup"
	}
}

# any thread that is alive shows the memory
sealed_in_threads() { cat "/proc/$1"/task/*/smaps 2>/dev/null | grep -c '^VmFlags:.* sl' || true; }

@test "attach to a process whose leader has ended, with a thread that lives" {
	start "$helpers/odd" zombie-leader
	until grep -q '^State:.*Z' "/proc/$pid/status"; do :; done
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	assert [ "$(sealed_in_threads "$pid")" -gt 0 ]
	say text
	assert_equal "$heard" 'text EPERM'
	run -0 msealctl check "$pid"
	assert_finishes_with 0
}

@test "attach to a process whose leader has ended, with threads that come and go" {
	local round

	for ((round = 0; round < 5; round++)); do
		start "$helpers/odd" relay
		until grep -q '^State:.*Z' "/proc/$pid/status"; do :; done
		run --separate-stderr msealctl attach -q --timeout=60 "$pid"
		assert_equal "$status:$stderr" 0:
		# if it can be read
		run --separate-stderr msealctl check -q "$pid"
		[[ $status == [01] ]] || fail "$stderr"
		assert_finishes_with 0
	done
}

@test "a thread that ends while the others are stopped is not said to have run on" {
	local round

	start "$helpers/odd" relay-beside
	for ((round = 0; round < 50; round++)); do
		run --separate-stderr msealctl attach --timeout=60 "$pid"
		assert_equal "$status:$stderr" 0:
	done
	assert_finishes_with 0
}

@test "a thread that executes another program in the middle of attach: it fails or seals it" {
	local round

	start "$helpers/odd" execs
	for ((round = 0; round < ${MSEALCTL_TEST_LONG:+10}50; round++)); do
		run --separate-stderr msealctl attach -q --timeout=5 "$pid"
		[[ $status == [013] ]] || fail "status $status: $stderr"
		[[ $status != 1 || $stderr == "msealctl: $pid: "* ]] || fail "$stderr"
		# it lives, and nothing but msealctl traces it
		[[ ! $stderr =~ 'has exited'|'No such'|'traced by' ]] || fail "$stderr"
		kill -0 "$pid" || fail "it is dead after $round: $stderr"
	done
	# its leader may be a zombie just now: one of the other threads takes its place
	grep -q '^State:.*[Tt]' "/proc/$pid/status" && fail "$(grep ^State: "/proc/$pid/status")"
	exec {to}>&-
	hear
	[[ $heard =~ ^[1-9][0-9]*\ execs$ ]] || fail "$heard"
	assert_finishes_with 0
}

@test "attach tries again while threads execute other programs, which come to rest" {
	local round

	for ((round = 0; round < 3; round++)); do
		start "$helpers/odd" rests
		run --separate-stderr msealctl attach -q --timeout=60 --seal=text:@exe "$pid"
		assert_equal "$status:$stderr" 0:
		assert_finishes_with 0
	done
}

@test "the timeout and SIGTERM end attach to a process whose execve() does not end" {
	local tool status=0 ptrace=117

	[[ $(uname -m) != x86_64 ]] || ptrace=101
	start "$helpers/odd" held-exec
	run --separate-stderr timeout -s KILL 30 "$msealctl" attach --timeout=1 "$pid"
	assert_equal "$status" 1
	[[ $stderr == "msealctl: $pid: cannot attach: it did not stop within 1 s"* ]] ||
		fail "$stderr"
	"$msealctl" attach --timeout=600 "$pid" 3>&- &
	tool=$!
	started=("$tool" "${started[@]}")
	# in ptrace(2), seizing a thread
	until grep -qs "^$ptrace " "/proc/$tool/syscall"; do kill -0 "$tool"; done
	kill -TERM "$tool"
	wait "$tool" || status=$?
	assert_equal "$status" 143
	assert_finishes_with 0
}

@test "attach to the process that traces msealctl is refused" {
	requires program:strace
	run -1 timeout -s KILL 30 strace -f -o /dev/null \
		bash -c 'exec "$1" attach $PPID' bash "$msealctl"
	assert_output --regexp '^msealctl: [0-9]+: cannot attach: it traces msealctl itself$'
}

@test "a process that ends in the middle of attach" {
	local n tool status

	for ((n = 0; n < 30; n++)); do
		start "$helpers/victim" "threads=$((n % 10 * 4))"
		"$msealctl" attach -q "$pid" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
		tool=$!
		# its own status, not that of a signal
		assert_finishes_with 0
		status=0
		wait "$tool" || status=$?
		[[ $status == [013] ]] || fail "status $status: $(cat "$BATS_TEST_TMPDIR/stderr")"
	done
}

@test "attach seals a process of 2000 threads within the timeout" {
	start "$helpers/victim" threads=2000
	run -0 --separate-stderr msealctl attach --timeout=10 "$pid"
	refute_stderr
	assert_place_sealed text
	assert_equal "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" 2001
	run ! grep -l '^State:.*[tT]' "/proc/$pid"/task/*/status
	assert_finishes_with 0
}

stopped_threads() { cat "/proc/$1"/task/*/status | grep -c '^State:.*T (stopped)' || true; }

@test "attach leaves a process with threads stopped that was stopped as a group" {
	start "$helpers/victim" threads=10
	kill -STOP "$pid"
	until [[ $(stopped_threads "$pid") == 11 ]]; do kill -0 "$pid"; done
	run -0 msealctl attach "$pid"
	# each gets there by itself, once it is let go
	for ((tries = 0; tries < 1000; tries++)); do
		[[ $(stopped_threads "$pid") != 11 ]] || break
	done
	assert [ "$tries" -lt 1000 ]
	kill -CONT "$pid"
	assert_place_sealed text
	assert_finishes_with 0
}

# A cgroup of its own for $pid; skips where there is none to be made.
make_cgroup() {
	local root

	requires root
	root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	[[ $root ]] || skip "no cgroup v2 here"
	cgroup=$root/msealctl-test.$$
	mkdir "$cgroup" 2>/dev/null || {
		cgroup=
		skip "no cgroup can be made here"
	}
	[[ -e $cgroup/cgroup.freeze ]] || skip "this kernel does not freeze cgroups"
	echo "$pid" >"$cgroup/cgroup.procs"
}

@test "attach to a frozen cgroup says so in time, or seals; it thaws unharmed" {
	start "$helpers/victim" threads=3
	make_cgroup
	echo 1 >"$cgroup/cgroup.freeze"
	until grep -qx 'frozen 1' "$cgroup/cgroup.events"; do :; done
	run --separate-stderr timeout -s KILL 10 "$msealctl" attach --timeout=1 --seal=text:@exe "$pid"
	if ((status == 0)); then
		assert_equal "$(seal_flag "$pid" "${start_of[text]}")" sl
	else
		assert_equal "$status" 1
		[[ $stderr == "msealctl: $pid: cannot "*frozen* ]] || fail "$stderr"
		assert_equal "$(seal_flag "$pid" "${start_of[text]}")" ''
	fi
	grep -qx 'frozen 1' "$cgroup/cgroup.events"
	echo 0 >"$cgroup/cgroup.freeze"
	say anon-rw
	assert_equal "$heard" 'anon-rw ok'
	assert_finishes_with 0
}

@test "attach follows no path to a cgroup that leads out of their file system" {
	local folder=$BATS_TEST_TMPDIR

	start "$helpers/victim"
	make_cgroup
	unshare -C true || skip "no cgroup namespaces here"
	# outside of that namespace, which has the other cgroup for its root
	echo "$pid" >"${cgroup%/*}/cgroup.procs"
	mkdir "$folder/cgroups"
	mkfifo "$folder/cgroup.events"
	# shellcheck disable=SC2016 # for the other shells
	run -0 timeout -s KILL 30 sh -c 'echo $$ >"$0/cgroup.procs" && exec unshare -Cm "$@"' "$cgroup" \
		sh -c 'umount -l "$0" && mount -t cgroup2 none "$1" && shift && exec "$@"' \
		"${cgroup%/*}" "$folder/cgroups" "$msealctl" attach -q --seal=text:@exe "$pid"
	assert_place_sealed text
	assert_finishes_with 0
}

# freeze_stopped PID [TID]: stop it, and freeze it, or that thread alone, in a cgroup of version
# 1; skips where there is none
freeze_stopped() {
	local root

	requires root
	root=$(awk '$3 == "cgroup" && $4 ~ /freezer/ { print $2; exit }' /proc/self/mounts)
	[[ $root ]] || skip "no freezer of version 1 here"
	cgroup=$root/msealctl-test.$$
	mkdir "$cgroup" || {
		cgroup=
		skip "no cgroup can be made here"
	}
	kill -STOP "$1"
	until [[ $(state_of "$1") == T ]]; do kill -0 "$1"; done
	if [[ ${2-} ]]; then
		echo "$2" >"$cgroup/tasks"
	else
		echo "$1" >"$cgroup/cgroup.procs"
	fi
	echo FROZEN >"$cgroup/freezer.state"
	until grep -qx FROZEN "$cgroup/freezer.state"; do :; done
}

@test "attach to a stopped process in a frozen cgroup of version 1 is refused" {
	start "$helpers/victim"
	freeze_stopped "$pid"
	run -1 --separate-stderr timeout -s KILL 30 "$msealctl" attach --timeout=5 "$pid"
	assert_stderr "msealctl: $pid: cannot attach: its cgroup is frozen"
	# the same where the hierarchy is not to be seen
	# shellcheck disable=SC2016 # for the other shell
	run -1 --separate-stderr timeout -s KILL 30 unshare -m sh -c 'umount -l "$0" && exec "$@"' \
		"${cgroup%/*}" "$msealctl" attach --timeout=5 "$pid"
	assert_stderr "msealctl: $pid: cannot attach: its cgroup is frozen"
	echo THAWED >"$cgroup/freezer.state"
	kill -CONT "$pid"
	assert_place_open text
	assert_finishes_with 0
}

@test "attach to a stopped process is refused if one of its threads is frozen so" {
	local threads

	start "$helpers/victim" threads=2
	threads=("/proc/$pid/task"/*)
	freeze_stopped "$pid" "${threads[-1]##*/}"
	run -1 --separate-stderr timeout -s KILL 30 "$msealctl" attach --timeout=5 "$pid"
	assert_stderr "msealctl: $pid: cannot attach: its cgroup is frozen"
	echo THAWED >"$cgroup/freezer.state"
	kill -CONT "$pid"
	assert_place_open text
	assert_finishes_with 0
}

@test "attach does not wait for another process with the same memory that is frozen so" {
	local outsider

	start "$helpers/odd" outsider
	outsider=${start_of[outsider]}
	freeze_stopped "$outsider"
	run -0 --separate-stderr timeout -s KILL 30 "$msealctl" attach --timeout=5 "$pid"
	assert_stderr "msealctl: warning: $pid: process $outsider shares its memory, and ran on meanwhile: it could not be stopped"
	echo THAWED >"$cgroup/freezer.state"
	kill -CONT "$outsider"
	assert_finishes_with 0
}

@test "attach names another process with the same memory, and both go on" {
	local outsider

	start "$helpers/odd" outsider
	outsider=${start_of[outsider]}
	run -0 --separate-stderr msealctl attach "$pid"
	[[ $stderr == *"$outsider"* ]] || fail "not a word about $outsider: $stderr"
	say text
	assert_equal "$heard" 'text EPERM'
	assert_equal "$(seal_flag "$outsider" "${start_of[text]}")" sl
	grep -q '^State:.*[RS]' "/proc/$outsider/status"
	assert_finishes_with 0
}

@test "a thread in vfork among others: the process is sealed, or left alone" {
	mkfifo "$BATS_TEST_TMPDIR/door"
	start "$helpers/odd" vfork "$BATS_TEST_TMPDIR/door"
	run --separate-stderr msealctl attach --timeout=1 "$pid"
	if ((status == 0)); then
		assert_place_sealed text
	else
		assert_equal "$status" 1
		[[ $stderr == "msealctl: $pid: cannot attach: it did not stop within 1 s"* ]] ||
			fail "$stderr"
		assert_place_open text
	fi
	assert_finishes_with 0
}

@test "a program in Go, whose scheduler stops its threads by signals all the time" {
	local round program

	go_program sums
	start "$program"
	for ((round = 0; round < ${MSEALCTL_TEST_LONG:+10}30; round++)); do
		run -0 msealctl attach -q "$pid"
	done
	run -0 msealctl check "$pid"
	printf '\n' >&"$to"
	hear
	assert_equal "$heard" 'sums true bad 0'
	assert_finishes_with 0
}

@test "attach reads no page that the stopped process itself would have to serve" {
	requires program:gcc
	gcc -pthread -o "$BATS_TEST_TMPDIR/serves" -x c - <<-'END' || skip "no userfaultfd in these headers"
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <linux/userfaultfd.h>
		#include <pthread.h>
		#include <stdio.h>
		#include <sys/ioctl.h>
		#include <sys/mman.h>
		#include <sys/syscall.h>
		#include <unistd.h>

		#define PAGE ((unsigned long)getpagesize())
		#define SIZE (16 * PAGE)

		static int uffd;

		static void *serve(void *unused)
		{
			struct uffd_msg m;

			while (read(uffd, &m, sizeof(m)) == sizeof(m)) {
				struct uffdio_zeropage page = {
					.range = { m.arg.pagefault.address & -PAGE, PAGE },
				};

				ioctl(uffd, UFFDIO_ZEROPAGE, &page);
			}
			return unused;
		}

		int main(void)
		{
			struct uffdio_api api = { .api = UFFD_API };
			struct uffdio_register wanted = { .mode = UFFDIO_REGISTER_MODE_MISSING };
			int fd = memfd_create("served", 0);
			pthread_t thread;
			char *p;

			uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
			if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) != 0 || ftruncate(fd, SIZE) != 0)
				return 77;
			p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
			wanted.range = (struct uffdio_range){ (unsigned long)p, SIZE };
			if (p == MAP_FAILED || ioctl(uffd, UFFDIO_REGISTER, &wanted) != 0 ||
			    pthread_create(&thread, NULL, serve, NULL) != 0)
				return 77;
			printf("ready\n");
			fflush(stdout);
			return getchar() == EOF && p[5 * PAGE] == 0 ? 0 : 1;
		}
	END
	start "$BATS_TEST_TMPDIR/serves" || skip "no userfaultfd here"
	run -0 timeout -s KILL 30 "$msealctl" attach -q --timeout=5 "$pid"
	assert_finishes_with 0
}
