#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# in-time.sh COMMAND...: run a test, without input.  One that takes longer than
# MSEALCTL_TEST_LIMIT (s) hangs: report, in TAP, what each of its processes is doing, and
# end them, so that it costs the others neither their time nor their results.
set -u

limit=${MSEALCTL_TEST_LIMIT:-900}
# by this its processes are found, in whatever session they are
export IN_TIME=$$

# The processes of the test, without us.
pids() {
	grep -lzsx "IN_TIME=$$" /proc/[0-9]*/environ | cut -d / -f 3 | grep -vxF "$BASHPID"
}

# what one of them is doing, as far as that may be known
describe() {
	local name

	echo "# process $1: $(tr '\0' ' ' <"/proc/$1/cmdline")"
	grep -E '^(State|PPid|TracerPid|Threads|Sig[PBIC]..|ShdPnd):' "/proc/$1/status" | sed 's/^/#   /'
	for name in wchan syscall stack; do
		sed "s/^/#   $name /" "/proc/$1/$name"
		# wchan has no newline
		echo
	done | grep .
} 2>/dev/null

end_all() {
	local tries

	# some start others meanwhile
	for ((tries = 0; tries < 100; tries++)); do
		mapfile -t left < <(pids)
		((${#left[@]} > 0)) || return 0
		kill -KILL "${left[@]}" 2>/dev/null
	done
}

# a process group of its own: as a plain background job it would ignore ^C
set -m
trap 'end_all; exit 1' HUP INT TERM
"$@" </dev/null &
test=$!
sleep "$limit" >/dev/null 2>&1 &
clock=$!
wait -n
if kill -0 "$clock" 2>/dev/null; then
	kill "$clock"
	wait "$test"
	exit
fi
for pid in $(pids); do
	describe "$pid"
done
end_all
echo "Bail out! it took longer than $limit s"
exit 1
