#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# As a user without any capability, from copies that this user can read.

load helpers

nobody=65534

use_user() {
	as_user=(env BATS_TEST_TMPDIR=/tmp
		setpriv --reuid="$nobody" --regid="$nobody" --clear-groups --)
}

setup() {
	requires mseal
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	cp "$msealctl" "$shim" "$helpers"/{victim,trymut,noseal} "$bin"
	if ((EUID == 0)); then
		requires program:setpriv
		chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
		use_user
	else
		as_user=(env)
	fi
}

as_user() { "${as_user[@]}" "$@"; }

requires_own_ptrace() {
	as_user "$bin/msealctl" probe -n -r -o ITEM,VALUE | grep -qx 'ptrace yes' ||
		lacks ptrace "one's own processes cannot be traced here"
}

@test "the ordinary user of these tests has no capability" {
	run -0 as_user grep -E '^Cap(Eff|Prm):' /proc/self/status
	assert_equal "$(awk '{ print $2 }' <<<"$output" | sort -u)" 0000000000000000
}

@test "exec works for an ordinary user" {
	requires shim
	run -0 as_user "$bin/msealctl" exec -- "$bin/trymut"
}

@test "exec starts no further process, as a limit of none shows" {
	requires shim
	! cat /proc/self/attr/current >/dev/null 2>&1 ||
		skip "a security module labels processes: exec has to look what came of the shim"
	# one who has no process: those of other tests would count
	((EUID != 0)) || nobody=64999 use_user
	run -0 bash -c 'ulimit -u 0; exec "$@"' _ "${as_user[@]}" "$bin/msealctl" exec -- "$bin/trymut"
}

@test "attach, check and show work on an ordinary user's own process" {
	requires_own_ptrace
	start "${as_user[@]}" "$bin/victim"
	run -0 --separate-stderr as_user "$bin/msealctl" attach "$pid"
	refute_stderr
	run -0 as_user "$bin/msealctl" check "$pid"
	run -0 as_user "$bin/msealctl" show "$pid"
	assert_place_sealed text
}

@test "attach to another user's process is refused: whose, and what to do" {
	requires root
	start "$helpers/victim"
	hint='msealctl: hint: run msealctl as root, or with CAP_SYS_PTRACE'
	run -1 --separate-stderr as_user "$bin/msealctl" attach "$pid"
	assert_stderr "msealctl: $pid: cannot attach: it belongs to another user (uid 0)
$hint"
	run -1 --separate-stderr as_user "$bin/msealctl" show "$pid"
	assert_stderr "msealctl: $pid: cannot read its maps: it belongs to another user (uid 0)
$hint"
	assert_equal "$(sealed_count "$pid")" 0
}

@test "a hint that holds for many processes is given once" {
	requires root
	start "$helpers/victim"
	first=$pid
	start "$helpers/victim"
	run -1 --separate-stderr as_user "$bin/msealctl" attach "$first" "$pid"
	assert_stderr "msealctl: $first: cannot attach: it belongs to another user (uid 0)
msealctl: hint: run msealctl as root, or with CAP_SYS_PTRACE
msealctl: $pid: cannot attach: it belongs to another user (uid 0)"
}

@test "attach tries nothing against a seccomp filter that cannot be suspended" {
	requires_own_ptrace
	start "${as_user[@]}" "$bin/noseal" kill "$bin/victim"
	run --separate-stderr as_user "$bin/msealctl" attach "$pid"
	assert [ "$status" -ne 0 ]
	[[ $stderr == *seccomp* || $output == *seccomp* ]]
	assert_place_open text
}

@test "a seccomp filter does not matter to attach with CAP_SYS_ADMIN" {
	requires root ptrace
	start "${as_user[@]}" "$bin/noseal" kill "$bin/victim"
	run -0 msealctl attach "$pid"
	assert_place_sealed text
}

@test "CAP_SYS_PTRACE is enough for attach to other users' processes" {
	requires root
	start "${as_user[@]}" "$bin/victim"
	run -0 --separate-stderr setpriv --bounding-set=-all,+sys_ptrace --inh-caps=-all,+sys_ptrace \
		--ambient-caps=+sys_ptrace --reuid=65533 --regid=65533 --clear-groups -- \
		"$bin/msealctl" attach "$pid"
	assert_place_sealed text
}

@test "capabilities that are not needed are dropped" {
	local tool

	requires root
	start "$helpers/victim" many=20000
	# it cannot go on while nobody reads
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	"$msealctl" show "$pid" >"$BATS_TEST_TMPDIR/pipe" 3>&- &
	tool=$!
	exec {reader}<"$BATS_TEST_TMPDIR/pipe"
	read -r -u "$reader" _
	# no more than CAP_DAC_READ_SEARCH (2) and CAP_SYS_PTRACE (19), also in what a child would get
	run -0 awk '/^Cap(Inh|Prm|Eff|Amb):/ { print $2 }' "/proc/$tool/status"
	while read -r set; do
		((0x$set & ~(1 << 2 | 1 << 19))) && fail "$output"
	done <<<"$output"
	kill "$tool"
	exec {reader}<&-
}

@test "attach works for root of a user namespace on its own processes" {
	requires program:unshare
	as_user unshare --user --map-root-user true 2>/dev/null || skip "no user namespaces for users here"
	requires_own_ptrace
	start "${as_user[@]}" unshare --user --map-root-user "$bin/victim"
	run -0 as_user "$bin/msealctl" exec --seal=text -- true
	run as_user "$bin/msealctl" attach "$pid"
	if ((status == 0)); then
		assert_place_sealed text
	else
		assert_place_open text
		assert_output --partial 'it is'
	fi
}
