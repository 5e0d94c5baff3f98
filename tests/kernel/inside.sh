#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# inside.sh MESSAGES TEST...: runs inside a kernel that run.sh boots.
# Each TEST is one .bats file, or a command with arguments that prints TAP; what the
# kernel has said goes to the file MESSAGES.
set -uo pipefail

messages=$1
shift
status=0
# the host's files have no FIFOs over 9p
mkdir /run/tests && mount -t tmpfs tests /run/tests || exit
export TMPDIR=/run/tests
# for the self-test; user-mode Linux has none
[[ ! -w /proc/sys/vm/nr_hugepages ]] || echo 4 >/proc/sys/vm/nr_hugepages
filter=()
# which has no PTRACE_GETREGSET, hence no signal frames, and no /proc/PID/syscall
! grep -q 'User Mode Linux' /proc/cpuinfo || filter=(--filter-tags '!no-uml')

for test in "$@"; do
	read -ra words <<<"$test"
	case $test in
	*.bats) "${BATS:?}" --formatter tap "${filter[@]}" "$test" || status=1 ;;
	*) "${words[@]}" || status=1 ;;
	esac
done
dmesg >"$messages"
exit "$status"
