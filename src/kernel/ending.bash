# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# For scripts that take minutes: what they start ends with them, whatever signal ends
# them, and their exit status is then 128 and its number.  A shell by itself looks at a
# signal when the command that it waits for has ended, and lets go of those in the
# background.

# Seconds that what is started may take to end by itself when this script has to.
patience=10

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
		for ((tries = 0; tries < 10 * patience; tries++)); do
			kill -TERM -- "-$pid" 2>/dev/null || continue 2
			sleep 0.1
		done
		# bash would have something to say of that
		{
			kill -KILL -- "-$pid" && wait "$pid"
		} 2>/dev/null || true
	done
	exit $((128 + $1))
}
trap 'end_by 1' HUP
trap 'end_by 2' INT
trap 'end_by 15' TERM

# A folder that a script makes for itself has a file beside it, FOLDER.lock, that is locked
# as long as it, or what it has started, is at work.  So one that did not come to remove its
# folder, as after a SIGKILL, leaves that to the next one.

# remove_stale FILE...: those FOLDER.lock that nobody holds, and their folders
remove_stale() {
	local lock

	for lock in "$@"; do
		[[ ! -e $lock ]] || flock -n "$lock" rm -rf "${lock%.lock}" "$lock" || true
	done
}

# hold FOLDER: make it for this script, until that ends.  1 if there is such a folder, or
# another script holds it.
hold() {
	local lock

	exec {lock}>"$1.lock"
	# others may just be looking whether it is locked
	flock -w 1 "$lock" || return
	mkdir -m 700 "$1" || {
		rm -f "$1.lock"
		return 1
	}
	held=$1
	trap 'trap "" HUP INT TERM; rm -rf "$held" "$held.lock"' EXIT
}
