#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# run.sh [ARCH...]: build msealctl for other architectures, with warnings as errors, and
# have qemu-user run its unit tests and cross.bats; all in cross-ARCH of the build folder.
# The results have the format of automake.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jobs=$(nproc)
# seconds; what hangs in qemu-user does so for ever
export MSEALCTL_TEST_LIMIT=120
failed=0

die() {
	printf 'run.sh: %s\n' "$*" >&2
	exit 1
}

# Each of them that configure knows.
(($# > 0)) || set -- aarch64 loongarch64 powerpc64le riscv64 s390x
: "${TOP_SRCDIR:?}" "${TOP_BUILDDIR:?}"

build() {
	mkdir -p "$folder" && cd "$folder" || return
	[[ -e Makefile ]] || "$here/configure.sh" "$arch" --enable-werror || return
	make -s -j "$jobs" && make -s -j "$jobs" check TESTS= >/dev/null
}

# The unit tests that were built, and the inputs of the fuzz targets.
tests() {
	local source

	for source in "$TOP_SRCDIR"/tests/{unit,unit/arch,fuzz}/*.c; do
		source=${source#"$TOP_SRCDIR/"}
		[[ ! -x ${source%.c} ]] || printf '%s ' "${source%.c}"
	done
}

for arch in "$@"; do
	qemu=qemu-${arch/#powerpc/ppc}-static
	type -P "$qemu" >/dev/null || die "needs $qemu: apt-get install qemu-user-static"
	folder=$TOP_BUILDDIR/cross-$arch
	printf '=== %s\n' "$arch"
	sysroot=$("$here/sysroot.sh" "$arch") || die "no libraries for $arch"
	(build) || {
		failed=1
		printf '# ERROR: 1\n'
		continue
	}
	# Debian's loongarch64 has vector instructions, which QEMU 7.2 lacks; put a later one in PATH
	if [[ $arch == loongarch64 ]] &&
		! "$qemu" -L "$sysroot" "$folder/src/msealctl" --version >/dev/null; then
		printf '# SKIP: 1\n# %s: %s cannot run what was built\n' "$arch" "$qemu"
		continue
	fi
	export CROSS_ARCH=$arch CROSS_SYSROOT=$sysroot CROSS_QEMU=$qemu
	(cd "$folder" && make -s -j "$jobs" check TESTS="$(tests) tests/cross/cross.bats" VERBOSE=1 \
		LOG_COMPILER="$TOP_SRCDIR/tests/in-time.sh $qemu -L $sysroot") || failed=1
done
exit "$failed"
