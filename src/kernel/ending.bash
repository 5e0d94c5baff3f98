# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# For scripts that take minutes: what they start ends with them, whatever signal ends
# them, and their exit status is then 128 and its number.  A shell by itself looks at a
# signal when the command that it waits for has ended, and lets go of those in the
# background.

# start COMMAND...: in the background, without input, in a process group of its own
start() {
	set -m
	"$@" </dev/null &
	set +m
}

# await COMMAND...: the same, and wait for it
await() {
	start "$@"
	wait "$!"
}

end_by() {
	local pid tries

	trap '' HUP INT TERM
	for pid in $(jobs -p); do
		for ((tries = 0; tries < 100; tries++)); do
			kill -TERM -- "-$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL -- "-$pid" 2>/dev/null || true
	done
	exit $((128 + $1))
}
trap 'end_by 1' HUP
trap 'end_by 2' INT
trap 'end_by 15' TERM
