#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# check.sh ARCHITECTURE PAGES [core | NAME...]: build msealctl for another architecture, boot
# machines of it, two at a time, and test it in them.  Prints TAP of all that runs inside,
# and totals.  Without NAMEs of .bats files these are all that depend on the architecture
# or the size of pages, and with the word "core" some that take a few minutes.
set -uo pipefail
unset MAKEFLAGS

(($# >= 2)) || {
	echo "Usage: check.sh aarch64|riscv64 4k|16k|64k [core | NAME...]" >&2
	exit 1
}
source=${TOP_SRCDIR:?}
arch=$1 pages=$2
build=${TOP_BUILDDIR:?}/cross-$arch
shift 2
# how long a boot and its tests may take, s
limit=2400
# shellcheck source=tests/machines.bash
source "$source/tests/machines.bash"

# for a machine each, two at a time: the first takes almost as long as the others together
all=(
	'attach-killed'
	'attach-restart attach-seccomp attach-storm attach-threads exec exec-doubt exec-entry
	exec-follow exec-matrix nokernel select shim'
	'attach attach-32bit attach-forged attach-matrix attach-odd attach-privilege attach-signals
	attach-transfer check exec-ptrace list probe show unprivileged'
)
core=('probe check')
units=("arch/$arch" bpf gadgets maps-read mseal remote-abi seal-of signal-frame)

# In a folder of its own, since that around it is for this machine.
build_for() {
	local script=$source/tests/cross/configure.sh

	mkdir -p "$build" && cd "$build" || return
	[[ config.status -nt $source/configure ]] ||
		"$script" "$arch" --enable-werror || return
	make -s -j "$(nproc)" && make -s -j "$(nproc)" check TESTS= && build_go
}

# Programs in Go, see helpers.bash: it takes minutes to build one in a machine.
build_go() {
	local -A name=([aarch64]=arm64 [riscv64]=riscv64)
	local programs=$source/tests/fixtures/programs

	export CGO_ENABLED=0 GOARCH=${name[$arch]} GOFLAGS='' GOCACHE=$build/tests/go/cache
	type -P go >/dev/null || return 0
	go build -o tests/go/ "$programs/start.go" && go build -o tests/go/ "$programs/sums.go" ||
		return
	# Debian 12's go can link no such program for riscv64
	[[ $arch == riscv64 ]] || go build -buildmode=pie -o tests/go/start-pie "$programs/start.go"
}

# run_tests TEST...: in a machine
run_tests() {
	MESSAGES=$messages LIMIT=$limit "$source/tests/vm/run.sh" "$arch" "--pages=$pages" \
		"--build=$build" -- \
		env BATS=bats /source/tests/kernel/inside.sh /dev/null "$@"
}

title=$arch
[[ $pages == 4k ]] || title+=", pages of $pages"
if ! build_for >"$work/build" 2>&1; then
	tail -n 50 "$work/build" | sed 's/^/# /'
	result not-ok "$title: builds"
elif ! "$source/tests/vm/machine.sh" "$arch" "$pages" >/dev/null; then
	result not-ok "$title: there is a machine"
else
	result ok "$title: builds, and there is a machine"
	case ${1-} in
	'') groups=("${all[@]}") ;;
	core)
		groups=("${core[@]}")
		# of the ten minutes that .ci/run gives it
		limit=540
		;;
	*) groups=("$*") ;;
	esac
	for group in "${groups[@]}"; do
		tests=()
		for name in $group; do
			name=${name##*/}
			tests+=("/source/tests/${name%.bats}.bats")
		done
		job "$title" run_tests "${tests[@]}"
	done
	tests=()
	for name in "${units[@]}"; do
		# some are for one architecture alone
		[[ ! -e $build/tests/unit/$name ]] || tests+=("/build/tests/unit/$name")
	done
	[[ ${1-} && $1 != core ]] || job "$title, units" run_tests "${tests[@]}"
	[[ ${1-} || $pages != 64k ]] ||
		job "$title, types of seals" run_tests /kernel/mseal_test /kernel/mainline_test \
			'/build/tests/kernel/random 20 1000' '/source/tests/kernel/cases.sh typed'
fi
finish_jobs
