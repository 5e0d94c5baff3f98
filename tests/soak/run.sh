#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The tests that kill, storm and race, in their long versions: all of them once, and
# again while SOAK_SECONDS are not over.  The last line has the totals; the exit
# status is 0 if no target died and none was altered.
set -uo pipefail

seconds=${SOAK_SECONDS:-600}
tests=${TOP_SRCDIR:?}/tests
files=(
	attach-killed attach-signals attach-storm attach-restart attach-threads attach-seccomp
	attach-privilege attach-32bit attach-transfer attach-field failures
	load
)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

export MSEALCTL_TEST_LONG=yes
export MSEALCTL_TEST_COUNTS=$folder/counts
export MSEALCTL_TEST_ATTACHES=$((seconds * 10 / 3 > 2000 ? seconds * 10 / 3 : 2000))
# there are eight storms and two servers
export MSEALCTL_TEST_STORM=$((seconds / 20 + 1)) MSEALCTL_TEST_LOAD=$((seconds / 10 + 1))

# total NAME: of what the tests have counted
total() { awk -v name="$1" '$1 == name { sum += $2 } END { print sum + 0 }' "$folder/counts"; }

# Failed tests, whose words say that a process has died ($1: -c), or not ($1: -vc).
failures() {
	# a test and what it says in one line
	awk '/^(not )?ok/ { printf "\n" } { printf "%s ", $0 }' "$folder/log" | grep '^not ok' |
		grep "$1" -E 'dead|killed by signal|has died|the target ended|no such process' || true
}

: >"$folder/counts"
: >"$folder/log"
rounds=0 status=0
while ((rounds == 0 || (SECONDS < seconds && status == 0))); do
	for file in "${files[@]}"; do
		bats --formatter tap "$tests/$file.bats" | tee -a "$folder/log"
		((PIPESTATUS[0] == 0)) || status=1
	done
	rounds=$((rounds + 1))
done

dead=$(failures -c) altered=$(failures -vc)
((dead + altered == 0)) || status=1
printf 'soak: %d attaches, %d kills, %d signals sent, %d received, %d dead, %d altered\n' \
	"$(total attaches)" "$(total kills)" "$(total sent)" "$(total received)" "$dead" "$altered"
exit "$status"
