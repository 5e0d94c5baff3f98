#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# run.sh [6.12]: build the kernels of src/kernel, boot them, and test them and msealctl on
# them, as user-mode processes and in QEMU, two machines at a time.  Prints TAP of all that
# runs inside, and totals.  With 6.12, it is the kernels of that version.
set -uo pipefail

source=${TOP_SRCDIR:?}
build=${TOP_BUILDDIR:?}
export TOP_SRCDIR TOP_BUILDDIR BATS=${BATS:?}
# how long a boot and its tests may take, s
limit=1500
# shellcheck source=tests/machines.bash
source "$source/tests/machines.bash"

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

# run_tests MACHINE FOLDER TEST...: in a machine
run_tests() {
	timeout --foreground "$limit" "$source/src/kernel/run.sh" "$1" "$2/kernel" \
		env TOP_SRCDIR="$source" TOP_BUILDDIR="$build" BATS="$BATS" \
		LC_ALL=C.UTF-8 MSEALCTL_TEST_REQUIRE="${MSEALCTL_TEST_REQUIRE-}" \
		"$source/tests/kernel/inside.sh" "$messages" "${@:3}"
}

# job_of TITLE MACHINE FOLDER TEST...
job_of() { job "$1" run_tests "${@:2}"; }

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
echo "# minutes of two processors; the tests then take about 15"

cases=$source/tests/kernel/cases.sh
random=$build/tests/kernel/random
refusal=

# test_32bit TITLE FOLDER
test_32bit() {
	if [[ -e $2/mseal_test32 ]]; then
		job_of "$1" qemu "$2" "$2/mseal_test32"
	else
		result skip "$1: no gcc-12-multilib"
	fi
}

# The kernel's own tests, ours and mainline's, and what depends on seals of msealctl's.
test_6_12() {
	local -a files

	mapfile -t files < <(bats_of "${core[@]}")
	if folder_of --linux=6.12 qemu; then
		test_boot "6.12 qemu" qemu "$folder"
		job_of "6.12 qemu" qemu "$folder" "$folder/mseal_test" "$folder/mainline_test" \
			"$random 20 2000" "$cases typed"
		test_32bit "6.12 qemu, 32-bit" "$folder"
		job_of "6.12 qemu, suite" qemu "$folder" "${files[@]}"
	fi
	folder_of --linux=6.12 uml || return 0
	refusal=$(uml_refusal "$folder")
	if [[ $refusal ]]; then
		result skip "6.12 uml: user-mode Linux cannot run on this host: $refusal"
	else
		test_boot "6.12 uml" uml "$folder"
		# mainline's test wants new mappings below older ones: not so there, nor with
		# setarch -L on any kernel
		job_of "6.12 uml" uml "$folder" "$folder/mseal_test" "$random 10" "$cases typed"
	fi
}

if [[ ${1-} == 6.12 ]]; then
	test_6_12
	finish_jobs
	exit
fi

if folder_of uml; then
	refusal=$(uml_refusal "$folder")
fi
if [[ $refusal ]]; then
	result skip "uml, uml without mseal: user-mode Linux cannot run on this host: $refusal"
elif [[ ${folder-} ]]; then
	test_boot uml uml "$folder"
	mapfile -t files < <(bats_of "${core[@]}")
	job_of "uml" uml "$folder" "$folder/mseal_test" "$random 10" "$cases typed"
	job_of "uml, suite" uml "$folder" "${files[@]}"
fi
if folder_of qemu; then
	test_boot qemu qemu "$folder"
	mapfile -t files < <(bats_of "${suite[@]}")
	half=$(((${#files[@]} + 1) / 2))
	job_of "qemu" qemu "$folder" "$folder/mseal_test" "$random 20 1000" "$cases typed"
	CPUS=2 job_of "qemu, two processors" qemu "$folder" "$folder/mseal_test" "$random 10 3000"
	test_32bit "qemu, 32-bit" "$folder"
	job_of "qemu, suite" qemu "$folder" "${files[@]:0:half}"
	job_of "qemu, suite" qemu "$folder" "${files[@]:half}" "${units[@]}"
fi
if folder_of uml without-mseal && [[ ! $refusal ]]; then
	job_of "uml without mseal" uml "$folder" "$cases none"
fi
if await "$source/src/kernel/debian.sh" >"$work/folder"; then
	folder=$(<"$work/folder")
	mapfile -t files < <(bats_of "${mainline[@]}")
	job_of "Debian's 6.12" qemu "$folder" "$cases mainline"
	job_of "Debian's 6.12, suite" qemu "$folder" "${files[@]}"
else
	result not-ok "Debian's 6.12: can be fetched"
fi
finish_jobs
