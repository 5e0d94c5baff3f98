#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

# A library that lets the allocation number FAIL_AT fail in the program that is started
# with it, and not in what that executes; then the file FAILED is there.
make_failing() {
	failing=$BATS_TEST_TMPDIR/failing.so
	failed=$BATS_TEST_TMPDIR/failed
	gcc -shared -fPIC -o "$failing" -x c - <<-'END'
		#define _GNU_SOURCE
		#include <errno.h>
		#include <fcntl.h>
		#include <pwd.h>
		#include <stdlib.h>
		#include <unistd.h>

		void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
		static long left;
		static const char *mark;

		__attribute__((constructor)) static void begin(void)
		{
			const char *at = getenv("FAIL_AT");

			mark = getenv("FAILED");
			left = at && mark ? atol(at) : 0;
			unsetenv("FAIL_AT");
		}

		static int fails(void)
		{
			if (left <= 0 || --left > 0)
				return 0;
			close(open(mark, O_CREAT | O_WRONLY, 0600));
			errno = ENOMEM;
			return 1;
		}

		/* that of glibc crashes out of memory (nss_database_reload()) */
		struct passwd *getpwuid(uid_t uid) { (void)uid; return NULL; }
		void *malloc(size_t n) { return fails() ? NULL : __libc_malloc(n); }
		void *calloc(size_t n, size_t m) { return fails() ? NULL : __libc_calloc(n, m); }
		void *realloc(void *p, size_t n) { return fails() ? NULL : __libc_realloc(p, n); }
	END
}

# fail_each JUDGE COMMAND...: for each allocation of msealctl COMMAND, let it fail and call
# JUDGE with what "run" has set.
fail_each() {
	local judge=$1 n

	for ((n = 1; ; n++)); do
		rm -f "$failed"
		run --separate-stderr env FAIL_AT="$n" FAILED="$failed" LD_PRELOAD="$failing" "$msealctl" "${@:2}"
		[[ -e $failed ]] || break
		"$judge" || fail "allocation $n of ${*:2}: status $status, output $output, errors $stderr"
	done
	((n > 1))
}

# The program runs sealed, or not at all; trymut prints only if it runs.
is_sealed_or_refused() {
	if [[ $output ]]; then
		((status == 0))
	else
		# shellcheck disable=SC2154 # set by run
		[[ $status == 125 && $stderr ]]
	fi
}

is_whole_or_an_error() {
	if ((status == expected_status)); then
		[[ $output == "$expected" ]]
	else
		[[ $status == 1 && $stderr ]]
	fi
}

# What it prints of each item or process is right, or unknown and then with a reason.
is_right_or_unknown() {
	local line wrong=0

	[[ $status == "$expected_status" || ( $status == 1 && $stderr$output ) ]] || return 1
	[[ $output ]] || return 0
	while IFS= read -r line; do
		# neither a line of what is known, nor one that says what is not
		[[ $'\n'$expected$'\n' == *$'\n'"$line"$'\n'* || $line == *' - '* || $line == *unreadable* ]] ||
			wrong=1
	done <<<"$output"
	((wrong == 0)) || return 1
	[[ $output != *unreadable* || $stderr ]]
}

@test "exec out of memory seals the program, or does not run it and exits 125" {
	requires mseal shim plain-build program:gcc
	make_failing
	fail_each is_sealed_or_refused exec --seal=text,relro --exclude=data -- "$helpers/trymut"
}

@test "a report out of memory is whole, or an error" {
	requires plain-build program:gcc
	make_failing
	start_shell
	for command in 'show -J --seal=stack --exclude=heap -o+TYPES' 'check --seal=stack -o+TYPES' \
		'attach --dry-run --types=all --seal=stack'; do
		read -ra words <<<"$command"
		expected_status=0
		expected=$(msealctl "${words[@]}" "$pid") || expected_status=$?
		fail_each is_whole_or_an_error "${words[@]}" "$pid"
	done
}

@test "probe and list out of memory say what is right, or unknown" {
	requires plain-build program:gcc
	make_failing
	expected_status=0
	expected=$(msealctl probe -n -r) || expected_status=$?
	fail_each is_right_or_unknown probe -n -r
	cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/only-one"
	start sh -c 'echo ready; exec "$1" 600' sh "$BATS_TEST_TMPDIR/only-one"
	until [[ $(<"/proc/$pid/comm") == only-one ]]; do kill -0 "$pid"; done
	expected_status=0
	expected=$(msealctl list -n -r -o PID,STATE,TEXT --seal=stack --name=only-one)
	fail_each is_right_or_unknown list -n -r -o PID,STATE,TEXT --seal=stack --name=only-one
}

@test "list out of memory lists no process that was not asked for" {
	requires plain-build program:gcc
	make_failing
	start_shell
	expected_status=0
	expected=$(msealctl list -n -r -o PID "$pid")
	fail_each is_whole_or_an_error list -n -r -o PID "$pid"
}

@test "probe of which any one system call fails says what is right, or unknown" {
	local log=$BATS_TEST_TMPDIR/log call at

	requires plain-build ptrace program:strace
	expected_status=0
	expected=$(strace -f -qq -o "$log" "$msealctl" probe -n -r) || expected_status=$?
	while read -r call at; do
		run --separate-stderr strace -f -qq -o /dev/null -e inject="$call:error=ENOMEM:when=$at" \
			"$msealctl" probe -n -r
		is_right_or_unknown || fail "$call $at: status $status, output $output, errors $stderr"
	done < <(grep -oE '^[0-9]+ +(capget|clone|clone3|fork)\(' "$log" | tr -d '(' |
		awk '{ print $2, ++count[$2] }')
}

@test "list that cannot make its worker gives the reason once" {
	requires plain-build ptrace program:strace
	start_shell
	# the memory of the caller is shared by the worker alone
	run --separate-stderr strace -f -qq -o /dev/null -e inject=clone:error=EAGAIN "$msealctl" list -n -r -o PID,STATE
	assert_line "$pid unreadable"
	assert_equal "$(grep -c 'Resource temporarily unavailable' <<<"$stderr")" 1
}

# list_calls STRIDE: of the calls in $log, each STRIDE-th with its number among those of its
# name.  What ld.so does before is not ours; a timer of ours is there to be deleted, and a child
# to be killed.
list_calls() {
	sed -n 's/^[0-9]* *\([a-z0-9_]*\)(\(.*\)/\1 \2/p' "$log" | awk -v stride="$1" '
		{ count[$1]++ }
		/\/proc\// { begun = 1 }
		begun && $1 !~ /^(getpid|getppid|gettid|kill|exit|exit_group|rt_sigreturn|brk|futex|timer_delete|syscall_.*)$/ &&
			n++ % stride == 0 { print $1, count[$1] }'
}

@test "a report of which any one system call fails is whole, or an error that says why" {
	local log=$BATS_TEST_TMPDIR/log call at command stride=6

	[[ ! ${MSEALCTL_TEST_LONG:-} ]] || stride=1
	requires plain-build ptrace program:strace
	start_shell
	for command in show check 'list -n -r -o PID,STATE'; do
		read -ra words <<<"$command --seal=stack $pid"
		expected_status=0
		expected=$(strace -f -qq -o "$log" "$msealctl" "${words[@]}") || expected_status=$?
		while read -r call at; do
			run --separate-stderr strace -f -qq -o /dev/null -e inject="$call:error=EIO:when=$at" \
				"$msealctl" "${words[@]}"
			# of all that list reads, it gives no reasons
			[[ $command == list* && $output == "$pid unreadable" ]] ||
				{ is_whole_or_an_error && [[ $stderr != *null* ]]; } ||
				fail "$command: $call $at: status $status, output $output, errors $stderr"
		done < <(list_calls "$stride")
	done
}

@test "an attach of which any one system call fails does no harm, and says why" {
	local log=$BATS_TEST_TMPDIR/log call at stride=30

	[[ ! ${MSEALCTL_TEST_LONG:-} ]] || stride=1
	requires plain-build mseal ptrace program:strace
	start "$helpers/victim"
	strace -f -qq -o "$log" "$msealctl" attach -q --seal=text:@exe "$pid"
	assert_finishes_with 0
	while read -r call at; do
		start "$helpers/victim"
		run --separate-stderr strace -f -qq -o /dev/null -e inject="$call:error=EIO:when=$at" \
			"$msealctl" attach -n -r -o RESULT --seal=text:@exe "$pid"
		case $status:$output in
		0:sealed) assert_place_sealed text ;;
		1:sealed) assert_place_sealed text ;&
		1:|1:failed) [[ $stderr == msealctl:* ]] || fail "$call $at: $stderr" ;;
		*) fail "$call $at: status $status, output $output, errors $stderr" ;;
		esac
		say stack
		assert_equal "$heard" 'stack ok'
		assert_finishes_with 0
	done < <(list_calls "$stride")
}

# The rows of an attach that has failed, in $output, and what smaps shows: each row is true, and
# if there is none, no page of $fresh is sealed.
rows_are_true() {
	local start result flag range

	for range in ${fresh//,/ }; do
		start=${range%-*}
		result=$(awk -v start="$start" '$1 == start { print $2 }' <<<"$output")
		flag=$(seal_flag "$pid" "$start")
		[[ $result:$flag == sealed:sl || $result:$flag == failed: || ! $output$flag ]] || return 1
	done
}

@test "an attach that fails in the middle of its calls reports what it has sealed" {
	local log=$BATS_TEST_TMPDIR/log calls first count at partial

	requires plain-build mseal ptrace program:strace
	start "$helpers/victim"
	# one by one, and in a chain
	for calls in 3 4; do
		fresh "$calls"
		strace -qq -o "$log" -e trace=ptrace "$msealctl" attach -q --seal="$fresh" "$pid"
		count=$(grep -c '' "$log")
		first=$(grep -n -m1 PTRACE_SETREGS "$log" | cut -d: -f1)
		partial=0
		for ((at = first; at <= count; at++)); do
			fresh "$calls"
			run --separate-stderr strace -qq -o /dev/null -e inject="ptrace:error=EIO:when=$at" \
				"$msealctl" attach -n -r -o START,RESULT --timeout=1 --seal="$fresh" "$pid"
			{ rows_are_true && { ((status == 0)) || [[ $status == 1 && $stderr == msealctl:* ]]; }; } ||
				fail "$calls calls, $at: status $status, output $output, errors $stderr"
			[[ $status != 1 || $output != *sealed* ]] || partial=$((partial + 1))
		done
		((partial > 0)) || fail "$calls calls: none has failed in the middle"
	done
	say stack
	assert_equal "$heard" 'stack ok'
	assert_finishes_with 0
}

@test "an attach that fails, and cannot read back what it has sealed, says so" {
	local log=$BATS_TEST_TMPDIR/log at open

	requires plain-build mseal ptrace program:strace
	start "$helpers/victim"
	fresh 3
	strace -f -qq -o "$log" -e trace=ptrace,openat "$msealctl" attach -q --seal="$fresh" "$pid"
	# where the registers are put back, and where its thread opens smaps the last time
	at=$(awk '/ ptrace/ { n++ } /PTRACE_SETREGS/ { last = n } END { print last }' "$log")
	open=$(awk '/ openat/ { n[$1]++ } /smaps/ { last = n[$1] } END { print last }' "$log")
	fresh 3
	run -1 --separate-stderr strace -f -qq -o /dev/null -e inject="ptrace:error=EIO:when=$at" \
		-e inject="openat:error=EIO:when=$open" "$msealctl" attach -n -r --seal="$fresh" "$pid"
	assert_output ''
	[[ $stderr == *'cannot seal: Input/output error'*'some of it may have been sealed'* ]]
	assert_finishes_with 0
}

# A library with which the stop finds its thread gone as an execve(2) of another leaves it: it
# has no maps, and no registers when they are asked for then.
make_vanishing() {
	vanishing=$BATS_TEST_TMPDIR/vanishing.so
	gcc -shared -fPIC -o "$vanishing" -x c - <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <errno.h>
		#include <fcntl.h>
		#include <string.h>
		#include <sys/mman.h>
		#include <sys/syscall.h>
		#include <unistd.h>

		/* by the process that reads, and by the one that traces */
		static struct { int opened, gone; } *shared;

		__attribute__((constructor)) static void begin(void)
		{
			shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		}

		int open(const char *path, int flags, ...)
		{
			const char *file = strrchr(path, '/');

			/* to compare it, and to read it as that has failed */
			if (file && strcmp(file, "/maps") == 0 && ++shared->opened <= 2) {
				shared->gone = 1;
				errno = ESRCH;
				return -1;
			}
			return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
		}

		int open64(const char *, int, ...) __attribute__((alias("open")));

		long ptrace(unsigned request, long pid, void *addr, void *data)
		{
			long (*next)(unsigned, long, void *, void *) = dlsym(RTLD_NEXT, "ptrace");

			/* PTRACE_GETREGS, PTRACE_GETREGSET */
			if (shared->gone && (request == 12 || request == 0x4204)) {
				shared->gone = 0;
				write(2, "gone\n", 5);
				errno = ESRCH;
				return -1;
			}
			return next(request, pid, addr, data);
		}
	END
}

@test "attach tries again if the thread that is to read the memory is gone from the stop" {
	requires plain-build mseal ptrace program:gcc
	make_vanishing
	start "$helpers/victim"
	fresh 3
	run -0 --separate-stderr env LD_PRELOAD="$vanishing" \
		"$msealctl" attach -n -r -o RESULT --seal="$fresh" "$pid"
	assert_equal "$stderr" gone
	assert_equal "$output" $'sealed\nsealed\nsealed'
	assert_finishes_with 0
}
