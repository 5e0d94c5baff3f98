#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# src/kernel/package.sh and build.sh, as far as they go without building a kernel.  Not a part
# of check-kernel: each test unpacks the sources of Linux, which takes minutes.

bats_require_minimum_version 1.7.0
bats_load_library bats-support
bats_load_library bats-assert

setup() {
	scripts=$BATS_TEST_DIRNAME/../../src/kernel
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR
}

# neither files nor processes
teardown() {
	local left

	left=$(find "$XDG_CACHE_HOME/msealctl" -mindepth 1; pgrep -af "$XDG_CACHE_HOME") || true
	[[ ! $left ]] || {
		echo "left behind: $left"
		return 1
	}
}

# is_set_up LINE... -- WORD...: the configuration has the lines, and leaves out debug info
is_set_up() {
	local lines=()

	while [[ $1 != -- ]]; do
		lines+=("$1")
		shift
	done
	[[ -e /usr/src/linux-config-6.1 && -e /usr/src/linux-config-6.12 ]] ||
		skip "needs the packages linux-config-6.1 and linux-config-6.12"
	run -0 --separate-stderr "$scripts/package.sh" --configure "${@:2}"
	for line in "${lines[@]}" CONFIG_DEBUG_INFO_NONE=y CONFIG_MODULE_SIG_ALL=y \
		'CONFIG_SYSTEM_TRUSTED_KEYS=""' CONFIG_SECCOMP_FILTER=y CONFIG_SECURITY_APPARMOR=y; do
		assert_line "$line"
	done
	refute_line --regexp '^CONFIG_DEBUG_INFO_(BTF|DWARF.*)=y'
}

@test "6.1, for virtual machines" {
	is_set_up CONFIG_MSEAL=y 'CONFIG_LOCALVERSION="-msealctl-cloud"' CONFIG_VIRTIO_BLK=m \
		'# CONFIG_SOUND is not set' --
}

@test "6.1, for all machines" {
	is_set_up CONFIG_MSEAL=y 'CONFIG_LOCALVERSION="-msealctl"' CONFIG_SOUND=m -- --full
}

@test "6.12, for virtual machines" {
	is_set_up 'CONFIG_LOCALVERSION="-msealctl-cloud"' CONFIG_VIRTIO_BLK=m \
		'# CONFIG_SOUND is not set' -- --linux=6.12
}

# ended_by SIGNAL STATUS SCRIPT WORD...: when it is at work; sets $said
ended_by() {
	local status=0 line='' pid

	coproc script { exec env --default-signal=HUP,INT,TERM "$scripts/$3" "${@:4}" 2>&1; }
	# shellcheck disable=SC2154 # set by coproc
	pid=$script_PID said=
	until [[ $line == *': unpacking '* ]]; do
		read -r line <&"${script[0]}"
		said+=$line$'\n'
	done
	kill -s "$1" "$pid"
	wait "$pid" || status=$?
	assert_equal "$status" "$2"
}

@test "it says first how long it takes, and how much space; a signal leaves nothing behind" {
	echo CONFIG_64BIT=y >"$BATS_TEST_TMPDIR/config"
	JOBS=2 ended_by TERM 143 package.sh --config="$BATS_TEST_TMPDIR/config"
	assert_regex "$said" 'takes about [0-9]+ minutes with 2 processors .*, and [0-9]+ GB in '
}

@test "a signal to build.sh leaves nothing behind" {
	ended_by TERM 143 build.sh uml
	ended_by INT 130 build.sh uml
	ended_by HUP 129 build.sh qemu
}
