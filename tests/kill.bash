# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# The kill test: msealctl is ended by SIGKILL at the entry and at the exit of each call
# by which it touches its target, one call after the other.  After each the target must
# be unchanged.

# every step of every target, or every fifth of most of them
[[ ${MSEALCTL_TEST_LONG:-} ]] && sample=1 || sample=5

# LeakSanitizer, where msealctl is built with it, refuses to work in a tracee
export ASAN_OPTIONS=detect_leaks=0

# by how many calls pages are sealed; four are a chain
calls=1

ending=()

# kill_at STEP EDGE: the words of killat in $outcome
kill_at() {
	fresh "$calls"
	outcome=$("$helpers/killat" "$1" "$2" "$msealctl" attach -q --timeout=60 --seal="$fresh" "$pid") || true
}

# the answer of steady and of storm
steady_is_well() {
	say '?'
	[[ $heard == 'ok '* ]]
}

victim_is_well() {
	say stack
	[[ $heard == 'stack ok' ]]
}

# All are in their calls again.  EINTR may only come where the kernel gave it at the stop,
# and msealctl did not live until it wrote the registers of this thread.
inflight_is_well() {
	local word rounds tids tid

	say still
	read -r word rounds tids <<<"$heard"
	[[ $word == blocked && $rounds ]] || return 1
	for tid in $tids; do
		[[ " ${outcome#killed} " == *" $tid "* ]] || return 1
	done
}

# Tell the target to end, which may take it the rest of a timeout; collect_ends waits.
end_later() {
	exec {to}>&-
	ending+=("${started[-1]} $from")
	unset 'started[-1]'
}

collect_ends() {
	local last fd status said end

	for end in "${ending[@]}"; do
		read -r last fd <<<"$end"
		status=0
		wait "$last" || status=$?
		said=$(cat <&"$fd")
		# bash forgets a child when a later one gets its pid; "ok" is a target's last word
		((status == 127)) && [[ $said == *' ok' && $said != *' bad: '* ]] && status=0
		((status == 0)) || fail "status $status: $said"
		exec {fd}<&-
	done
	ending=()
}

# The numbers of the steps of a whole attach, in $steps; of reads that follow each other
# one will do.
list_steps() {
	fresh "$calls"
	mapfile -t steps < <("$helpers/killat" list "$msealctl" attach -q --timeout=60 --seal="$fresh" "$pid" |
		awk '$1 != "process_vm_readv" || $1 != last { print NR } { last = $1 }')
	assert [ "${#steps[@]}" -gt 10 ]
}

# sweep STRIDE FIRST CHECK TARGET...: kill at the steps FIRST, FIRST + STRIDE ... of
# attaching to TARGET, and CHECK after each.  The target stays the same.
sweep() {
	local stride=$1 first=$2 check=$3 edge at n steps

	shift 3
	start "$@"
	list_steps
	# and as it is from then on
	list_steps
	"$check" || fail "$*: after a whole attach: $heard"
	for edge in entry exit; do
		for ((at = first - 1; at < ${#steps[@]}; at += stride)); do
			n=${steps[$at]}
			kill_at "$n" "$edge"
			# some steps are only made for a thread that runs, or only at first
			[[ $outcome != finished* ]] || continue
			[[ $outcome == killed* ]] || fail "$*: step $n, $edge: $outcome"
			count kills 1
			"$check" || fail "$*: killed at the $edge of step $n: $heard (${outcome#killed })"
		done
	done
	end_later
}

sweep_and_collect() {
	sweep "$@"
	collect_ends
}
