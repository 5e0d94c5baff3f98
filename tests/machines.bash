# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# What tests/kernel/run.sh and tests/vm/check.sh share: tests in machines, two at a time, as
# one TAP, and totals.  $source is the folder of the sources.

machines_at_a_time=2
jobs=()
number=0 passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=src/kernel/ending.bash
source "$source/src/kernel/ending.bash"
# machines end by themselves, as do scripts that build kernels
patience=60

# result ok|not-ok|skip TEXT
result() {
	number=$((number + 1))
	case $1 in
	ok)
		passed=$((passed + 1))
		printf 'ok %d - %s\n' "$number" "$2"
		;;
	skip)
		skipped=$((skipped + 1))
		printf 'ok %d - %s # SKIP\n' "$number" "$2"
		;;
	*)
		failed=$((failed + 1))
		printf 'not ok %d - %s\n' "$number" "$2"
		;;
	esac
}

# Give the results in a file of TAP, of one test or several, numbers of ours; they must be
# as many as planned.
merge() {
	local title=$1 line n plan=0 seen=0

	while IFS= read -r line; do
		case $line in
		1..*) n=${line#1..} && plan=$((plan + ${n%% *})) ;;
		'ok '*'# '[Ss][Kk][Ii][Pp]*) result skip "$title: ${line#ok * }" ;;
		'ok '*) result ok "$title: ${line#ok * }" ;;
		'not ok '*) result not-ok "$title: ${line#not ok * }" ;;
		'# Totals:'* | 'TAP version'*) ;;
		*) printf '%s\n' "# ${line#\# }" ;;
		esac
		[[ $line != 'ok '* && $line != 'not ok '* ]] || seen=$((seen + 1))
	done <"$2"
	if ((plan == 0 || seen != plan)); then
		result not-ok "$title: $seen results, planned were $plan"
	fi
}

# run_job NAME COMMAND...
run_job() {
	local name=$1 messages=$1.messages status=0
	# what the processor worked is the same where others keep it busy
	local TIMEFORMAT='%0R s, %0U + %0S s of a processor'

	{
		time "${@:2}" >"$name.tap" 2>&1 || status=$?
	} 2>"$name.time"
	printf '%s\n' "$status" >"$name.status"
}

# job TITLE COMMAND...: runs it, which boots a machine and prints TAP, now or when another one
# has ended.  In the COMMAND, a function, $messages is the file for what the kernel says.
job() {
	local name=$work/${#jobs[@]}

	((${#jobs[@]} < machines_at_a_time)) || wait -n || true
	jobs+=("$1")
	start run_job "$name" "${@:2}"
}

# What has come of a job, and what the kernel found wrong with itself meanwhile.
report() {
	local name=$work/$1 title=${jobs[$1]} status

	status=$(<"$name.status")
	printf '# %s: %s\n' "$title" "$(<"$name.time")"
	merge "$title" "$name.tap"
	((status == 0)) || result not-ok "$title: status $status"
	if grep -q 'Linux version' "$name.messages" 2>/dev/null &&
		! grep -qE 'BUG|WARNING|Oops|Call Trace|unable to handle' "$name.messages"; then
		result ok "$title: the kernel has nothing to report"
	else
		sed 's/^/# /' "$name.messages"
		result not-ok "$title: the kernel has nothing to report"
	fi
}

# Wait for the jobs, and print what has come of them and the totals.
finish_jobs() {
	local i

	wait
	for ((i = 0; i < ${#jobs[@]}; i++)); do
		report "$i"
	done
	printf '1..%d\n# PASS: %d\n# FAIL: %d\n# SKIP: %d\n' "$number" "$passed" "$failed" "$skipped"
	((failed == 0))
}
