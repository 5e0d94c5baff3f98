#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What cannot be read is never taken for "no" or "nothing": the answer is right, or an
# error with the reason, or unknown.

load helpers

owner=65534 other=64998

setup() {
	requires root program:setpriv program:gcc
	# a leak sanitizer needs /proc and ptrace, which are not to be had in some tests
	export ASAN_OPTIONS=detect_leaks=0
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	cp "$msealctl" "$bin"
	chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
}

# As a user other than the target's, with no capability but CAP_SYS_PTRACE
with_ptrace_alone() {
	setpriv --reuid="$other" --regid="$other" --clear-groups --inh-caps=-all,+sys_ptrace \
		--ambient-caps=-all,+sys_ptrace -- "$@"
}

# A program of another user that has loaded libplugin.so
start_with_plugin() {
	echo 'int x;' | gcc -shared -fPIC -o "$bin/libplugin.so" -x c -
	gcc -o "$bin/program" -x c - <<-'END'
		#include <dlfcn.h>
		#include <stdio.h>
		#include <unistd.h>

		int main(int argc, char **argv)
		{
			if (argc != 2 || !dlopen(argv[1], RTLD_NOW))
				return 1;
			printf("pid %d\nready\n", (int)getpid());
			fflush(stdout);
			return getchar() != EOF;
		}
	END
	start setpriv --reuid="$owner" --regid="$owner" --clear-groups -- "$bin/program" "$bin/libplugin.so"
}

@test "root knows the main program and dlopened objects of another user's process" {
	requires mseal ptrace
	start_with_plugin
	run -0 msealctl show -n -r -o DLOPENED,OBJECT --seal=text "$pid"
	assert_line "yes $bin/libplugin.so"
	assert_line "no $bin/program"
	run -0 msealctl attach -q --exclude=dlopened "$pid"
	run -0 msealctl check -q --exclude=dlopened "$pid"
	run -3 msealctl check -q --seal=dlopened "$pid"
	run -0 msealctl check -q --seal=text:@exe "$pid"
}

@test "with CAP_SYS_PTRACE alone, what depends on the main program is refused with the reason" {
	local list

	requires mseal ptrace
	start_with_plugin
	for list in --exclude=dlopened --seal=text:@exe; do
		run -1 --separate-stderr with_ptrace_alone "$bin/msealctl" attach "$list" "$pid"
		assert_output ''
		assert_regex "$stderr" "^msealctl: $pid: cannot select: it is not known which .*: its auxiliary vector: Permission denied"
		run -1 with_ptrace_alone "$bin/msealctl" attach --dry-run "$list" "$pid"
		run -1 with_ptrace_alone "$bin/msealctl" check "$list" "$pid"
		run -0 with_ptrace_alone "$bin/msealctl" list -n -r -o PID,STATE "$list"
		assert_line "$pid unreadable"
	done
	assert_equal "$(sealed_count "$pid")" 0
	run -0 with_ptrace_alone "$bin/msealctl" show --json -o DLOPENED,OBJECT "$pid"
	assert_output --regexp '"dlopened": null,[[:space:]]*"object": ".*/libplugin.so"'
	refute_output --regexp '"dlopened": (true|false)'
	run -0 with_ptrace_alone "$bin/msealctl" attach -q "$pid"
	run -0 with_ptrace_alone "$bin/msealctl" check -q "$pid"
}

# in_vain COMMAND...: each command that looks at $pid fails with the reason; $reason
in_vain() {
	local command

	for command in "attach" "attach --dry-run" "show" "check"; do
		# shellcheck disable=SC2086 # words
		run -1 --separate-stderr "$@" "$msealctl" $command "$pid"
		assert_output ''
		assert_regex "$stderr" "^msealctl: $pid: cannot .*$reason"
	done
	run -0 "$@" "$msealctl" list -n -r -o PID,STATE,TEXT
	assert_line "$pid unreadable -"
}

@test "a filter that denies process_vm_readv makes no object a plain file" {
	requires mseal
	start "$msealctl" exec -- "$helpers/victim"
	reason="process_vm_readv is denied to msealctl, perhaps by a seccomp filter"
	in_vain "$helpers/nocall" readv
}

# with_file FILE CONTENT COMMAND...: where FILE of $pid in /proc has the contents of CONTENT
with_file() {
	# shellcheck disable=SC2016 # for the other shell
	unshare -m bash -c 'for file in /proc/$0{,/task/$0}/"$1"; do mount --bind "$2" "$file" || exit 99; done
		shift 2; exec "$@"' "$pid" "$@"
}

# denied FILE COMMAND...: where FILE of $pid in /proc cannot be opened, by root neither
denied() {
	# shellcheck disable=SC2016 # for the other shell
	unshare -m bash -c 'for file in /proc/$0{,/task/$0}/"$2"; do
			mount --bind "$1" "$file" && mount -o remount,bind,nodev "$file" || exit 99
		done
		shift 2; exec "$@"' "$pid" "$BATS_TEST_TMPDIR/device" "$@"
}

requires_mounts() {
	requires program:unshare
	unshare -m true || skip "no mounts here"
}

@test "maps, smaps and status that are empty or cut short are refused with the reason" {
	local file

	requires_mounts
	requires mseal
	start "$helpers/victim"
	cd "$BATS_TEST_TMPDIR"
	: >empty
	reason="its maps are empty" in_vain with_file smaps empty
	reason="status: Bad message" in_vain with_file status empty
	head -c -100 "/proc/$pid/smaps" >smaps
	reason="not all of it is as the kernel writes it" in_vain with_file smaps smaps
	grep -v ^VmFlags "/proc/$pid/smaps" >smaps
	reason="not all of it is as the kernel writes it" in_vain with_file smaps smaps
	head -c -100 "/proc/$pid/status" >status
	reason="status: Bad message" in_vain with_file status status
	# what attach reads while the process is stopped
	run -1 with_file maps empty "$msealctl" attach "$pid"
	assert_regex "$output" "^msealctl: $pid: cannot .*its maps are empty"
	assert_equal "$(state_of "$pid") $(sealed_count "$pid")" "S 0"
}

@test "an error that was printed counts, though the process has ended since" {
	local tool status=0 pipe

	requires_mounts
	requires mseal program:jq
	as_target=(setpriv --reuid=64997 --clear-groups --)
	start "$helpers/victim"
	cd "$BATS_TEST_TMPDIR"
	: >empty
	# its errors have to wait
	mkfifo errors
	exec {pipe}<>errors
	head -c 65536 /dev/zero >&"$pipe"
	# shellcheck disable=SC2016 # for the other shell
	unshare -m bash -c 'mount --bind empty "/proc/$0/task/$0/smaps" && exec "$@"' "$pid" \
		"$msealctl" check -J --user=64997 >out 2>errors 3>&- &
	tool=$!
	until grep -qs '^1 0x2 ' "/proc/$tool/syscall"; do :; done
	kill -KILL "${started[-1]}"
	wait "${started[-1]}" || true
	head -c 65536 <&"$pipe" >zeros
	wait "$tool" || status=$?
	IFS= read -r -u "$pipe" line
	assert_equal "$line" "msealctl: $pid: cannot read its maps: its maps are empty"
	assert_equal "$status $(jq -r .verdict out)" "1 unreadable"
}

@test "one file of /proc that is denied: the answer is right, or an error with the reason" {
	local file

	requires_mounts
	requires mseal ptrace
	mknod "$BATS_TEST_TMPDIR/device" c 1 3
	start "$helpers/victim"
	for file in smaps stat status; do
		reason="Permission denied" in_vain denied "$file"
	done
	run -1 --separate-stderr denied maps "$msealctl" attach "$pid"
	assert_regex "$stderr" "^msealctl: $pid: cannot attach: Permission denied"
	run -1 --separate-stderr denied auxv "$msealctl" attach --seal=text:@exe "$pid"
	assert_regex "$stderr" "cannot select: .*: its auxiliary vector: Permission denied"
	run -1 --separate-stderr denied environ "$msealctl" attach --exclude=dlopened "$pid"
	assert_regex "$stderr" "cannot select: .*: its environment: Permission denied"
	run -0 denied environ "$msealctl" show -n -r -o DLOPENED --seal=text "$pid"
	assert_equal "$(sort -u <<<"$output")" -
	assert_equal "$(state_of "$pid") $(sealed_count "$pid")" "S 0"
	# which memory was never used is not known then
	run -0 denied pagemap "$msealctl" attach -q "$pid"
	assert_place_sealed text
	assert_finishes_with 0
	: >"$BATS_TEST_TMPDIR/empty"
	start "$helpers/victim"
	run -0 with_file pagemap "$BATS_TEST_TMPDIR/empty" "$msealctl" attach -q "$pid"
	say stack
	assert_equal "$heard" 'stack ok'
	assert_place_sealed text
	assert_finishes_with 0
}

@test "where calls cannot be seen, a warning names each that the stop may have ended early" {
	local call word

	requires mseal ptrace
	cp "$helpers/transfer" "$bin"
	while read -r call word; do
		start setpriv --reuid="$owner" --regid="$owner" --clear-groups -- "$bin/transfer" "$call" alone
		run --separate-stderr with_ptrace_alone "$bin/msealctl" attach --seal=text "$pid"
		assert_equal "$status" 0
		assert_regex "$stderr" "^msealctl: warning: $pid: the stop $word ended a $call\(2\) of thread [0-9]+ early"
	done <<-END
		write has
		sendmsg may have
	END
}

@test "an auxiliary vector or environment that is empty or cut short leaves gaps, no answers" {
	local file

	requires_mounts
	requires mseal
	start_with_plugin
	cd "$BATS_TEST_TMPDIR"
	: >empty
	head -c 64 "/proc/$pid/auxv" >auxv
	for file in empty auxv; do
		run -1 --separate-stderr with_file auxv "$file" "$msealctl" attach --exclude=dlopened "$pid"
		assert_regex "$stderr" "cannot select: .*: its auxiliary vector: No data available"
		run -1 with_file auxv "$file" "$msealctl" check --seal=text:@exe "$pid"
		run -0 with_file auxv "$file" "$msealctl" show -n -r -o DLOPENED --seal=text "$pid"
		assert_equal "$(sort -u <<<"$output")" -
	done
	assert_equal "$(sealed_count "$pid")" 0
	# an empty environment is one, too
	run -0 with_file environ empty "$msealctl" show -n -r -o DLOPENED,OBJECT --seal=text "$pid"
	assert_line "yes $bin/libplugin.so"
}

@test "in a PID namespace with the /proc of another one, every command is refused" {
	local command

	requires program:unshare
	unshare --pid --fork true || skip "no PID namespaces here"
	for command in list "show 1" "check 1" "attach 1" "attach --dry-run 1"; do
		# shellcheck disable=SC2086 # a command with its arguments
		run -1 --separate-stderr unshare --pid --fork sh -c '"$@"; exit $?' _ "$msealctl" $command
		assert_output ''
		assert_regex "$stderr" "^msealctl: /proc is that of another PID namespace"
	done
}

# hidden LEVEL COMMAND...: with a /proc that hides processes from other users
hidden() {
	# shellcheck disable=SC2016 # for the other shell
	unshare -m bash -c 'mount -t proc -o hidepid="$0" proc /proc && exec "$@"' "$@"
}

@test "where /proc hides processes, root sees them, and others learn that there are some" {
	local level

	requires_mounts
	requires mseal
	start_shell
	as_other=(setpriv --reuid="$other" --regid="$other" --clear-groups --)
	for level in 1 2 4; do
		run -0 hidden "$level" "$msealctl" list -n -r -o PID,STATE
		assert_line "$pid none"
		run -0 hidden "$level" "$msealctl" show -q "$pid"
		run -1 hidden "$level" "${as_other[@]}" "$bin/msealctl" show -q "$pid"
		assert_regex "$output" "^msealctl: $pid: cannot read its maps: (/proc/$pid/stat: Operation not permitted|it exists, but /proc does not show it)"
	done
	run -0 --separate-stderr hidden 1 "${as_other[@]}" "$bin/msealctl" list -n -r -o PID,USER,STATE,COMMAND
	assert_line "$pid - unreadable -"
	for level in 2 4; do
		run -0 --separate-stderr hidden "$level" "${as_other[@]}" "$bin/msealctl" list -n -r -o PID
		[[ $'\n'$output$'\n' != *$'\n'"$pid"$'\n'* ]]
		assert_equal "$stderr" "msealctl: warning: /proc is mounted with hidepid: processes of other users are not listed"
	done
}

@test "a page that is never served keeps no command, and list not from other processes" {
	local command stuck

	requires mseal
	"$helpers/unserved" </dev/null >/dev/null || skip "no userfaultfd here"
	start "$helpers/unserved"
	stuck=$pid
	start_shell
	for command in "attach -v" "attach --dry-run" "show" "check"; do
		# shellcheck disable=SC2086 # words
		run -1 --separate-stderr "$msealctl" $command "$stuck"
		assert_output ''
		assert_equal "$stderr" "msealctl: $stuck: cannot read its memory: it took too long, perhaps as a FUSE server or userfaultfd holds a page"
	done
	run -0 "$msealctl" list -n -r -o PID,STATE
	assert_line "$stuck unreadable"
	assert_line "$pid none"
	# the same command reads the next process with a new worker
	run -1 "$msealctl" show -n -r -o PID --seal=text:@exe "$stuck" "$pid"
	assert_line "$pid"
	assert_equal "$(state_of "$stuck")" S
}
