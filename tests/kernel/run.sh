#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Build the kernels of src/kernel, boot them, and test them and msealctl on them, as
# user-mode processes and in QEMU, two machines at a time.  Prints TAP of all that runs
# inside, and totals.
set -uo pipefail

source=${TOP_SRCDIR:?}
build=${TOP_BUILDDIR:?}
export TOP_SRCDIR TOP_BUILDDIR BATS=${BATS:?}
# how long a boot and its tests may take, s
limit=1500
machines_at_a_time=2
jobs=()
number=0 passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=src/kernel/ending.bash
source "$source/src/kernel/ending.bash"

# Of "make check", what depends on the kernel: what is read from /proc, attached to and
# sealed.  The command line, the documents and pure functions are the same on any; real
# programs under load, storms and kills at every step would take hours on a processor that
# is interpreted, and "make check" tries them on the host's kernel.
units=("$build"/tests/unit/{maps-read,mseal,region-kinds,seal-of})
suite=(attach check exec exec-follow list nokernel probe select shim show unprivileged)
# the same in user-mode Linux, where each call costs ten times as much
core=(attach check exec probe show)
# in a kernel that is not ours: what differs with the kind of mseal
mainline=(attach check exec exec-follow nokernel probe unprivileged)

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

# run_job NAME MACHINE FOLDER TEST...
run_job() {
	local name=$1 status=0
	# what the processor worked is the same where others keep it busy
	local TIMEFORMAT='%0R s, %0U + %0S s of a processor'

	{
		time timeout --foreground "$limit" "$source/src/kernel/run.sh" "$2" "$3/kernel" \
			env TOP_SRCDIR="$source" TOP_BUILDDIR="$build" BATS="$BATS" \
			LC_ALL=C.UTF-8 MSEALCTL_TEST_REQUIRE="${MSEALCTL_TEST_REQUIRE-}" \
			"$source/tests/kernel/inside.sh" "$name.messages" "${@:4}" \
			>"$name.tap" 2>&1 || status=$?
	} 2>"$name.time"
	printf '%s\n' "$status" >"$name.status"
}

# job TITLE MACHINE FOLDER TEST...: boots a machine for the tests, now or when another one
# has ended
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

# test_boot TITLE MACHINE FOLDER: run.sh itself
test_boot() {
	await timeout --foreground "$limit" env MACHINE="$2" KERNEL="$3" \
		"$BATS" --formatter tap "$source/tests/kernel/boot.bats" >"$work/boot" 2>&1
	merge "$1, from outside" "$work/boot"
}

# uml_refusal FOLDER: why this host cannot run user-mode Linux, if that is known.  Linux 6.1
# copies a process's registers by way of a buffer that the state of some processors does
# not fit into; then not even the first program of a machine starts.
uml_refusal() {
	timeout 120 "$1/kernel" mem=64M root=/dev/root rootfstype=hostfs rootflags=/ \
		init=/bin/true con=null con0=null,fd:1 panic=-1 </dev/null 2>&1 |
		grep -a -m 1 -oE 'ptrace (set|get) fp.?regs failed.*'
}

# bats_of NAME...: the files
bats_of() { printf "$source/tests/%s.bats\n" "$@"; }

# folder_of WORD...: build that kernel; sets $folder
folder_of() {
	if await "$source/src/kernel/build.sh" "$@" >"$work/folder"; then
		folder=$(<"$work/folder")
		result ok "$*: builds"
	else
		result not-ok "$*: builds"
		folder=
		return 1
	fi
}

echo "# builds each kernel that is not in ${XDG_CACHE_HOME:-$HOME/.cache}/msealctl, in 4 to 6"
echo "# minutes of two processors, or 1 with a warm ccache; the tests then take about 15"

cases=$source/tests/kernel/cases.sh
random=$build/tests/kernel/random

refusal=
if folder_of uml; then
	refusal=$(uml_refusal "$folder")
fi
if [[ $refusal ]]; then
	result skip "uml, uml without mseal: user-mode Linux cannot run on this host: $refusal"
elif [[ ${folder-} ]]; then
	test_boot uml uml "$folder"
	mapfile -t files < <(bats_of "${core[@]}")
	job "uml" uml "$folder" "$folder/mseal_test" "$random 10" "$cases typed"
	job "uml, suite" uml "$folder" "${files[@]}"
fi
if folder_of qemu; then
	test_boot qemu qemu "$folder"
	mapfile -t files < <(bats_of "${suite[@]}")
	half=$(((${#files[@]} + 1) / 2))
	job "qemu" qemu "$folder" "$folder/mseal_test" "$random 20 1000" "$cases typed"
	if [[ -e $folder/mseal_test32 ]]; then
		job "qemu, 32-bit" qemu "$folder" "$folder/mseal_test32"
	else
		result skip "qemu, 32-bit: no gcc-12-multilib"
	fi
	job "qemu, suite" qemu "$folder" "${files[@]:0:half}"
	job "qemu, suite" qemu "$folder" "${files[@]:half}" "${units[@]}"
fi
if folder_of uml without-mseal && [[ ! $refusal ]]; then
	job "uml without mseal" uml "$folder" "$cases none"
fi
if await "$source/src/kernel/debian.sh" >"$work/folder"; then
	folder=$(<"$work/folder")
	mapfile -t files < <(bats_of "${mainline[@]}")
	job "Debian's 6.12" qemu "$folder" "$cases mainline"
	job "Debian's 6.12, suite" qemu "$folder" "${files[@]}"
else
	result not-ok "Debian's 6.12: can be fetched"
fi
wait

for ((i = 0; i < ${#jobs[@]}; i++)); do
	report "$i"
done
printf '1..%d\n# PASS: %d\n# FAIL: %d\n# SKIP: %d\n' "$number" "$passed" "$failed" "$skipped"
((failed == 0))
