#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# configure.sh ARCH [ARGUMENT...]: run configure in the current folder for another
# architecture, with Debian's cross compiler and the libraries of sysroot.sh.
set -euo pipefail

(($# > 0)) || {
	echo "Usage: configure.sh ARCH [ARGUMENT...]" >&2
	exit 1
}
arch=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sysroot=$("$here/sysroot.sh" "$arch")
arguments=("--host=$arch-linux-gnu" "CC=$arch-linux-gnu-gcc-12"
	"PKG_CONFIG=$sysroot/tools/pkg-config")
# its libraries are those of a later Debian, which want a later libc than the compiler's
[[ $arch != riscv64 ]] || arguments+=("LDFLAGS=-Wl,--allow-shlib-undefined")
exec "$here/../../configure" "${arguments[@]}" "$@"
