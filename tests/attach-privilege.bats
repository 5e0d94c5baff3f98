#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Who may attach to what, across namespaces and users; and each refusal with its reason.

load helpers

nobody=65534

setup() {
	requires mseal ptrace root program:unshare program:setpriv
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	cp "$msealctl" "$helpers"/{noseal,odd,victim} "$bin"
	chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	as_user=(env BATS_TEST_TMPDIR=/tmp
		setpriv "--reuid=$nobody" "--regid=$nobody" --clear-groups --)
	# another user with that capability and nothing more
	as_tracer=(setpriv "--bounding-set=-all,+sys_ptrace" "--inh-caps=-all,+sys_ptrace"
		--ambient-caps=+sys_ptrace --reuid=65533 --regid=65533 --clear-groups --)
	as_poor_root=(setpriv --bounding-set=-all --inh-caps=-all --)
}

unshared() {
	unshare "$@" true 2>/dev/null || skip "no such namespace here: unshare $*"
}

# The pid that counts here is that of the child of unshare.
outer_pid() {
	pid=$(pgrep -P "${started[-1]}")
	[[ $pid ]]
}

refused() {
	assert_equal "$status" 1
	[[ $stderr == "msealctl: $pid: cannot "*"$1"* ]] || fail "$stderr"
	assert_equal "$(sealed_count "$pid")" 0
}

@test "attach seals a process in another PID namespace" {
	unshared --pid --fork
	start unshare --pid --fork --kill-child "$helpers/victim"
	assert_equal "$pid" 1
	outer_pid
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	assert_place_sealed text
	assert_finishes_with 0
}

@test "attach seals a process in another mount namespace, whose files are not ours" {
	local hidden=$BATS_TEST_TMPDIR/hidden

	unshared --mount
	mkdir "$hidden"
	# shellcheck disable=SC2016
	start unshare --mount bash -c 'mount -t tmpfs none "$1" && cp "$0" "$1/victim" && exec "$1/victim"' \
		"$helpers/victim" "$hidden"
	assert [ ! -e "$hidden/victim" ]
	run -0 --separate-stderr msealctl attach --output=NAME --noheadings --seal=text:victim "$pid"
	refute_stderr
	assert_output --partial "$hidden/victim"
	assert_place_sealed text
	assert_finishes_with 0
}

@test "attach seals a process below another root, with a /proc of its own" {
	local root=$BATS_TEST_TMPDIR/root

	unshared --mount --pid --fork
	mkdir "$root"
	# shellcheck disable=SC2016
	start unshare --mount --pid --fork --kill-child bash -c '
		mount --rbind / "$1" && mount -t tmpfs none "$1/tmp" && cp "$0" "$1/tmp/victim" &&
			exec chroot "$1" env BATS_TEST_TMPDIR=/tmp /tmp/victim' "$helpers/victim" "$root"
	outer_pid
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	assert_place_sealed text
	assert_finishes_with 0
}

@test "attach seals a process in a user namespace, of root and of another user" {
	unshared --user --map-root-user
	start unshare --user --map-root-user "$helpers/victim"
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	assert_place_sealed text
	"${as_user[@]}" unshare --user --map-root-user true 2>/dev/null || return 0
	start "${as_user[@]}" unshare --user --map-root-user "$bin/victim"
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	assert_place_sealed text
}

@test "attach from inside a user namespace is refused outside of it" {
	"${as_user[@]}" unshare --user --map-root-user true 2>/dev/null ||
		skip "no user namespaces for users here"
	start "${as_user[@]}" "$bin/victim"
	run --separate-stderr "${as_user[@]}" unshare --user --map-root-user \
		"$bin/msealctl" attach "$pid"
	refused 'user namespace'
	say text
	assert_equal "$heard" 'text ok'
}

@test "attach does not take a user namespace with the same users for its own" {
	unshared --user --map-root-user
	start unshare --user --map-root-user "$helpers/victim"
	run --separate-stderr unshare --user --map-root-user "$msealctl" attach "$pid"
	refused 'perhaps it is in another user namespace'
	refute [ "${stderr/is the same/}" != "$stderr" ]
	run --separate-stderr unshare --user --map-root-user "$msealctl" show "$pid"
	refused 'perhaps it is in another user namespace'
}

@test "a process that is not dumpable: attach as root, with CAP_SYS_PTRACE, and as its own user" {
	start "$helpers/odd" undumpable
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	assert_place_sealed text
	assert_finishes_with 0

	start "${as_user[@]}" "$bin/odd" undumpable
	run --separate-stderr "${as_user[@]}" "$bin/msealctl" attach "$pid"
	refused 'not dumpable'
	run -0 --separate-stderr "${as_tracer[@]}" "$bin/msealctl" attach "$pid"
	refute_stderr
	assert_place_sealed text
	assert_finishes_with 0
}

@test "attach by root without capabilities says what is missing" {
	start "${as_user[@]}" "$bin/victim"
	run --separate-stderr "${as_poor_root[@]}" "$msealctl" attach "$pid"
	refused "it belongs to another user (uid $nobody)"
	[[ $stderr == *'hint: '*CAP_SYS_PTRACE* ]] || fail "$stderr"
	finish

	start "$helpers/victim"
	run --separate-stderr "${as_poor_root[@]}" "$msealctl" attach "$pid"
	refused 'more privileges than msealctl'
	[[ $stderr == *'hint: '*CAP_SYS_PTRACE* ]] || fail "$stderr"
}

@test "attach with CAP_SYS_PTRACE alone suspends no filter and runs into none" {
	start "${as_user[@]}" "$bin/noseal" kill "$bin/victim"
	run --separate-stderr "${as_tracer[@]}" "$bin/msealctl" attach "$pid"
	refused seccomp
	[[ $stderr == *'hint: '*CAP_SYS_ADMIN* ]] || fail "$stderr"
	say text
	assert_equal "$heard" 'text ok'
	assert_finishes_with 0
}

# The effective capabilities at each call that $1 (of awk) matches, as the last capset
# before it has said, in msealctl or its worker, which begins with those of msealctl.
effective_at() {
	awk -v call="$1" '
		!($1 in effective) { effective[$1] = effective[last] }
		{ last = $1 }
		$2 ~ /^capset/ {
			set = $0
			sub(/.*effective=/, "", set)
			sub(/, permitted.*/, "", set)
			effective[$1] = set
		}
		$2 ~ call { print effective[$1] }' "$BATS_TEST_TMPDIR/trace"
}

@test "CAP_SYS_ADMIN is only effective for the calls that need it" {
	local call

	requires program:strace
	start "$helpers/noseal" kill "$helpers/victim"
	# LeakSanitizer, where msealctl is built with it, refuses to work in a tracee
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$BATS_TEST_TMPDIR/trace" \
		-e trace=capset,clone,ptrace,process_vm_readv,process_vm_writev,write \
		"$msealctl" attach --seal=text:@exe "$pid"
	for call in '^process_vm_readv' '^ptrace.PTRACE_GETREGS' '^write'; do
		run -0 effective_at "$call"
		[[ $output ]] || fail "no $call"
		refute_output --partial SYS_ADMIN
	done
}

@test "no capability is effective while the result is reported" {
	local command tool set

	start "$helpers/victim" many=20000
	for command in show attach; do
		mkfifo "$BATS_TEST_TMPDIR/$command"
		# it cannot go on while nobody reads
		"$msealctl" "$command" --verbose --seal=text,anon "$pid" >"$BATS_TEST_TMPDIR/$command" 3>&- &
		tool=$!
		exec {reader}<"$BATS_TEST_TMPDIR/$command"
		read -r -u "$reader" _
		set=$(awk '/^CapEff:/ { print $2 }' "/proc/$tool/status")
		kill "$tool"
		exec {reader}<&-
		assert_equal "$command $set" "$command 0000000000000000"
	done
}

@test "attach names a sandbox of its own that denies ptrace" {
	start "$helpers/victim"
	run --separate-stderr "$helpers/nocall" ptrace "$msealctl" attach "$pid"
	refused 'ptrace is denied to msealctl, even of its own child'
}
