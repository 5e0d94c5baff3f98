#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Build the kernels of src/kernel, boot them and test them, and msealctl on them, as
# user-mode processes and in QEMU.  Prints TAP of all that runs inside, and totals.
set -uo pipefail

source=${TOP_SRCDIR:?}
build=${TOP_BUILDDIR:?}
cases=$source/tests/kernel-cases.sh
# how long a boot and its command may take, s
limit=900
# the suite, with a processor that QEMU interprets
suite_limit=2700
number=0 passed=0 failed=0 skipped=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

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

# Give the results in $output, TAP, numbers of ours; they must be as many as planned.
merge() {
	local title=$1 line plan=0 seen=0

	while IFS= read -r line; do
		case $line in
		1..*) plan=${line#1..} && plan=${plan%% *} ;;
		'ok '*'# SKIP'*) result skip "$title: ${line#*# SKIP }" && seen=$((seen + 1)) ;;
		'ok '*) result ok "$title: ${line#ok * }" && seen=$((seen + 1)) ;;
		'not ok '*) result not-ok "$title: ${line#not ok * }" && seen=$((seen + 1)) ;;
		'# Totals:'* | 'TAP version'*) ;;
		*) printf '%s\n' "# ${line#\# }" ;;
		esac
	done <"$output"
	if ((plan == 0 || seen != plan)); then
		result not-ok "$title: $seen results, planned were $plan"
	fi
}

# inside MACHINE FOLDER COMMAND...: its output goes to $output
inside() {
	timeout "$limit" "$source/src/kernel/run.sh" "$1" "$2/kernel" "${@:3}" >"$output" 2>&1
}

# test_tap TITLE MACHINE FOLDER COMMAND...: a command that prints TAP
test_tap() {
	local status=0

	inside "${@:2}" || status=$?
	merge "$1"
	((status == 0)) || result not-ok "$1: status $status"
}

# What the kernel found wrong with itself, while the command ran in it.
test_quiet() {
	local title=$1

	# shellcheck disable=SC2016 # for that shell
	inside "${@:2:2}" bash -c '"$@" >/dev/null 2>&1; dmesg' - "${@:4}"
	if grep -qE 'BUG|WARNING|Oops|Call Trace|unable to handle' "$output" ||
		! grep -q 'Linux version' "$output"; then
		sed 's/^/# /' "$output"
		result not-ok "$title: the kernel has nothing to report"
	else
		result ok "$title: the kernel has nothing to report"
	fi
}

test_boot() {
	local status=0

	# shellcheck disable=SC2016 # for that shell
	inside "${@:2}" bash -c 'echo "$1"; exit 23' - "two  words" || status=$?
	if ((status == 23)) && [[ $(<"$output") == "two  words" ]]; then
		result ok "$1: boots, and passes on output and status"
	else
		sed 's/^/# /' "$output"
		result not-ok "$1: boots, and passes on output and status (got $status)"
	fi
}

# test_suite TITLE MACHINE FOLDER [TEST...]: "make check", of all tests if none is named;
# automake's summary has the totals.
test_suite() {
	local status=0 good
	local -a chosen=()

	(($# == 3)) || chosen=(TESTS="${*:4}")

	# 9p has no FIFOs
	# shellcheck disable=SC2016 # for that shell
	limit=$suite_limit inside "${@:2:2}" bash -c 'mkdir /run/tests &&
		mount -t tmpfs tests /run/tests && TMPDIR=/run/tests exec "$@"' - \
		make -C "$build" check AM_COLOR_TESTS=no VERBOSE=1 "${chosen[@]}" || status=$?
	good=$(sed -n 's/^# PASS: *//p' "$output" | tail -n 1)
	if ((status == 0 && ${good:-0} > 0)); then
		result ok "$1: make check ($good tests)"
	else
		grep -E '^(FAIL|ERROR|not ok)' "$output" | sed 's/^/# /'
		result not-ok "$1: make check (status $status)"
	fi
}

folder_of() {
	"$source/src/kernel/build.sh" "$@"
}

export TOP_BUILDDIR
for machine in uml qemu; do
	if ! folder=$(folder_of "$machine"); then
		result not-ok "$machine: builds"
		continue
	fi
	result ok "$machine: builds"
	test_boot "$machine" "$machine" "$folder"
	test_tap "$machine, mseal_test" "$machine" "$folder" "$folder/mseal_test"
	test_quiet "$machine" "$machine" "$folder" "$folder/mseal_test"
	test_tap "$machine, msealctl" "$machine" "$folder" \
		env TOP_BUILDDIR="$build" bash "$cases" typed
done
[[ ! -e ${folder-}/mseal_test ]] || test_suite qemu qemu "$folder"
if folder=$(folder_of uml without-mseal); then
	test_tap "uml without mseal" uml "$folder" \
		env TOP_BUILDDIR="$build" bash "$cases" none
else
	result not-ok "uml without mseal: builds"
fi

if folder=$("$source/src/kernel/debian.sh"); then
	test_tap "Debian's 6.12" qemu "$folder" env TOP_BUILDDIR="$build" bash "$cases" mainline
	test_suite "Debian's 6.12" qemu "$folder" tests/attach.bats tests/check.bats \
		tests/exec.bats tests/nokernel.bats tests/probe.bats tests/unprivileged.bats
else
	result not-ok "Debian's 6.12: can be fetched"
fi

printf '1..%d\n# PASS: %d\n# FAIL: %d\n# SKIP: %d\n' "$number" "$passed" "$failed" "$skipped"
((failed == 0))
