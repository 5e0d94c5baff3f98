#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# configure.sh ARCH [ARGUMENT...]: run configure in the current folder for another
# architecture, with the compiler and the libraries of sysroot.sh.
set -euo pipefail

usage='Usage: configure.sh aarch64|loongarch64|powerpc64le|riscv64|s390x [ARGUMENT...]'

(($# > 0)) || {
	printf '%s\n' "$usage" >&2
	exit 1
}
[[ $1 != --help ]] || {
	printf '%s\n\nThe arguments are those of configure, which runs in the current folder.\n' "$usage"
	exit 0
}
arch=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sysroot=$("$here/sysroot.sh" "$arch")
arguments=("--host=$arch-linux-gnu" "CC=${CROSS_CC:+$CROSS_CC }$sysroot/tools/cc"
	"PKG_CONFIG=$sysroot/tools/pkg-config")
[[ $arch != loongarch64 ]] || arguments+=(AR=llvm-ar-19 RANLIB=llvm-ranlib-19)
# its libraries are those of a later Debian, which want a later libc than the compiler's
[[ $arch != riscv64 ]] || arguments+=("LDFLAGS=-Wl,--allow-shlib-undefined")
exec "$here/../../configure" "${arguments[@]}" "$@"
